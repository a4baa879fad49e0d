// Small pieces that several columns show.

import { h, icon } from "./dom.js";
import { initials, tone } from "./format.js";
import { texts } from "./texts.js";

const REASON_LOOKS = {
  asked_for: ["hand", "info"],
  complaint: ["alert", "urgent"],
  unsure_twice: ["help", "warm"],
  out_of_scope: ["globe", "warm"],
  action_failed: ["flash", "urgent"],
  bot_unavailable: ["bot", "warm"],
  upset: ["alert", "urgent"],
  abusive: ["alert", "warm"],
  insisted: ["hand", "warm"],
  urgent: ["flash", "urgent"],
  vulnerable: ["shield", "urgent"],
  same_matter: ["clock", "urgent"],
  needs_person: ["user", "info"],
};

const look = (reason) => REASON_LOOKS[reason] ?? ["speech", "info"];

export const reasonIcon = (reason) => icon(look(reason)[0]);

export function badge(label, kind, iconName) {
  return h("span", { class: `badge${kind ? ` badge--${kind}` : ""}` }, iconName ? icon(iconName) : null, label);
}

export const reasonText = (item) => texts.reasons[item.reason] ?? item.reason_label;

export const reasonBadge = (item) => badge(reasonText(item), look(item.reason)[1], look(item.reason)[0]);

export function avatar(name) {
  return h("span", { class: "avatar", "data-tone": tone(name), "aria-hidden": "true", text: initials(name) });
}

export function empty(iconName, [heading, more], deed = null) {
  return h("div", { class: "empty" }, icon(iconName), h("strong", { text: heading }), h("p", { text: more }), deed);
}

/** What could not be shown, why, and the way to try again. */
export function failure(heading, sentence, again) {
  const deed = h("button", { type: "button", class: "button", onclick: again }, icon("repeat"), texts.retry);
  const whole = empty("alert", [heading, sentence], deed);
  whole.setAttribute("role", "alert");
  return whole;
}

/** Grey shapes where something is being fetched; `heights` in pixels. */
export function ghosts(heights) {
  return heights.map((height) => {
    const box = h("div", { class: "ghost skeleton", "aria-hidden": "true" });
    box.style.height = `${height}px`;
    return box;
  });
}

/** A button with its shortcut beside the label. */
export function deedButton(label, key, { kind = "", iconName = null, ...properties } = {}) {
  return h(
    "button",
    { type: "button", class: `button${kind ? ` button--${kind}` : ""}`, "aria-keyshortcuts": key, ...properties },
    iconName ? icon(iconName) : null,
    label,
    key ? h("kbd", { "aria-hidden": "true", text: key }) : null,
  );
}

export function iconButton(label, iconName, properties = {}) {
  return h(
    "button",
    { type: "button", class: "button button--quiet button--icon", "aria-label": label, title: label, ...properties },
    icon(iconName),
  );
}

export function tabButton(label, selected, onclick, extra = null) {
  return h(
    "button",
    { type: "button", role: "tab", "aria-selected": String(selected), tabindex: selected ? "0" : "-1", onclick },
    label,
    extra,
  );
}

/** Arrow keys move between the tabs of a tab list, as screen reader users expect. */
export function arrowTabs(list) {
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const all = [...list.querySelectorAll('[role="tab"]')];
    const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    const position = all.indexOf(next);
    next.click();
    list.querySelectorAll('[role="tab"]')[position]?.focus();
  });
  return list;
}

export const urgencyText = (item) => texts.urgency[item.urgency] ?? null;

const STATUS_LOOKS = { delivered: "brand", shipped: "info", cancelled: "", returned: "", pending: "warm", paid: "brand" };

export const statusBadge = (status) => badge(status.charAt(0).toUpperCase() + status.slice(1), STATUS_LOOKS[status] ?? "");

export function card(iconName, heading, ...children) {
  return h(
    "section",
    { class: "card" },
    h("div", { class: "card__head" }, icon(iconName), h("h2", { text: heading })),
    ...children,
  );
}

export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  if (shown.length === 0) return null;
  return h("dl", { class: "facts" }, shown.flatMap(([name, value]) => [h("dt", { text: name }), h("dd", {}, value)]));
}
