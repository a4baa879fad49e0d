// The middle column: who it is, what it is about, what was said, and the reply.

import { composer } from "./composer.js";
import { h, icon, reconcile } from "./dom.js";
import { ago, clock, heat } from "./format.js";
import { badge, deedButton, empty, failure, ghosts, iconButton, reasonBadge, urgencyText } from "./parts.js";
import { standing, state, watch } from "./store.js";
import { fill, texts } from "./texts.js";
import { transcript } from "./transcript.js";

const REDRAW_MS = 20_000;

export function talkColumn(deeds) {
  const head = h("header", { class: "talk__head" });
  const summary = h("section", { class: "summary", "aria-label": texts.summary });
  const said = transcript(deeds);
  const answer = composer(deeds);
  const nobody = h("div", { class: "talk__instead" });
  const column = h("main", { class: "desk__talk" }, head, summary, said, answer, nobody);

  const draw = () => {
    const { detail } = state;
    for (const part of [head, summary, said, answer]) part.hidden = !detail;
    nobody.hidden = Boolean(detail);
    column.setAttribute("aria-busy", String(Boolean(state.chosenId) && !detail && state.problem === null));
    nobody.replaceChildren(...(detail ? [] : instead(deeds)));
    if (!detail) return;
    showHead(head, detail.escalation, deeds);
    const text = detail.document.summary || detail.escalation.summary;
    summary.hidden = !text;
    summary.replaceChildren(icon("spark"), h("p", { tabindex: "0", text }));
  };
  watch((parts) => {
    if (parts.has("detail") || parts.has("busy") || parts.has("problem")) draw();
  });
  setInterval(() => state.detail && !document.hidden && showHead(head, state.detail.escalation, deeds), REDRAW_MS);
  draw();
  return column;
}

/** What stands where no conversation is: nothing chosen, one on its way, or why it cannot be shown. */
function instead({ leave, reopen }) {
  if (!state.chosenId) return [empty("bellhop", texts.empty.chosen)];
  const back = iconButton(texts.back, "chevron", { class: "button button--quiet button--icon only-narrow", onclick: leave });
  if (state.problem !== null) return [back, failure(texts.problems.conversation, state.problem, reopen)];
  return [back, h("div", { class: "talk__ghosts" }, ghosts([46, 74, 40, 58]))];
}

function facts(item) {
  const found = [reasonBadge(item)];
  const urgent = urgencyText(item);
  if (urgent) found.push(badge(urgent, item.urgency === "high" ? "urgent" : ""));
  const where = standing(item);
  if (where === "open") {
    const warmth = { warm: "warm", hot: "urgent" }[heat(item.waiting_since)] ?? "";
    found.push(badge(fill(texts.waiting, { time: ago(item.waiting_since) }), warmth, "clock"));
  } else if (where === "mine" || where === "colleague") {
    const label = where === "mine" ? texts.state.mine : fill(texts.state.taken, { name: item.agent.name });
    found.push(badge(label, where === "mine" ? "brand" : "", "user"));
  } else {
    const at = item.ended_at ? ` · ${clock(item.ended_at)}` : "";
    found.push(badge(texts.state[item.state] + at, "", where === "bot" ? "bot" : "check"));
  }
  if (item.leaves_message) found.push(badge(texts.state.leaves_message, "info"));
  return found;
}

function buttons(item, deeds) {
  const where = standing(item);
  const idle = state.busy === null;
  if (where === "open") {
    const label = state.busy === "take" ? texts.taking : texts.take;
    return [deedButton(label, "T", { kind: "primary", onclick: deeds.take, disabled: !idle, "data-deed": "take" })];
  }
  if (where !== "mine") return [];
  return [
    deedButton(texts.handBack, "B", { iconName: "bot", title: texts.handBackHint, onclick: deeds.handBack, disabled: !idle, "data-deed": "hand-back" }),
    deedButton(texts.resolve, "E", {
      kind: "primary", iconName: "check", onclick: deeds.resolve, disabled: !idle, "data-deed": "resolve",
    }),
  ];
}

function showHead(head, item, deeds) {
  reconcile(head, ["back", "who", "actions"], {
    key: (part) => part,
    version: (part) => {
      if (part === "back") return "";
      return JSON.stringify([item.id, item.state, item.agent, part === "who" ? [item, ago(item.waiting_since)] : state.busy]);
    },
    create: (part) => {
      if (part === "back") {
        return iconButton(texts.back, "chevron", { class: "button button--quiet button--icon only-narrow", onclick: deeds.leave });
      }
      if (part === "actions") return h("div", { class: "talk__actions" }, buttons(item, deeds));
      return h(
        "div",
        { class: "talk__who" },
        h("h1", { text: item.customer_name }),
        h("div", { class: "talk__facts" }, facts(item)),
      );
    },
  });
}
