// What was said, oldest first, with the newest in view until the agent scrolls up.

import { attached } from "./attached.js";
import { h, icon, linked, reconcile } from "./dom.js";
import { clock, day } from "./format.js";
import { empty } from "./parts.js";
import { myName, state, watch } from "./store.js";
import { fill, texts } from "./texts.js";

const NEAR_END_PX = 48;
const JOIN_WITHIN_MS = 180_000;

export function transcript({ retry, discard }) {
  const list = h("ol", { class: "transcript__list" });
  const nothing = empty("speech", texts.empty.transcript);
  const latest = h("button", {
    type: "button", class: "button latest", hidden: true, text: texts.latest, onclick: () => toEnd(),
  });
  latest.prepend(icon("down"));
  const box = h("div", { class: "transcript", role: "log", "aria-live": "polite", tabindex: "0" }, list, nothing, latest);
  const writes = h("div", { class: "writes", "aria-live": "polite" });
  let shownId = null;

  const atEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
  const toEnd = () => {
    box.scrollTop = box.scrollHeight;
    latest.hidden = true;
  };
  box.addEventListener("scroll", () => {
    latest.hidden = atEnd();
  });
  // The box shrinks when the reply grows; what was in view at the end stays there.
  let follow = true;
  box.addEventListener("scroll", () => {
    follow = atEnd();
  });
  new ResizeObserver(() => follow && toEnd()).observe(box);

  const draw = () => {
    if (!state.detail) return;
    const other = shownId !== state.detail.escalation.id;
    const stay = !other && !atEnd() && !state.pending.some((message) => message.fresh);
    for (const message of state.pending) message.fresh = false;
    shownId = state.detail.escalation.id;
    const rows = withMarks([...state.detail.transcript, ...state.pending]);
    const mine = rows.findLast((row) => row.author === "agent" && !row.state);
    if (mine) mine.receipt = mine.sequence <= state.detail.customer_saw ? "seen" : "delivered";
    nothing.hidden = rows.length > 0;
    list.hidden = rows.length === 0;
    reconcile(list, rows, {
      key: (row) => row.key,
      version: (row) => JSON.stringify(row),
      create: (row) => (row.mark ? mark(row) : said(row, { retry, discard })),
    });
    if (stay) latest.hidden = false;
    else toEnd();
  };
  const drawTyping = () => {
    writes.replaceChildren(
      ...(state.typing ? [h("i", {}, h("b")), fill(texts.customerWrites, { name: state.typing })] : []),
    );
  };
  watch((parts) => {
    if (parts.has("detail") || parts.has("pending") || parts.has("newFrom")) draw();
    if (parts.has("typing")) drawTyping();
  });
  const whole = h("div", { class: "transcript-whole" }, box, writes);
  return whole;
}

/** The messages with a mark for each new day and before the first one not seen yet. */
function withMarks(messages) {
  const rows = [];
  let last = null;
  for (const message of messages) {
    if (!last || day(last.created_at) !== day(message.created_at)) {
      rows.push({ key: `day-${day(message.created_at)}`, mark: "day", label: day(message.created_at) });
      last = null;
    }
    if (state.newFrom !== null && message.sequence === state.newFrom) {
      rows.push({ key: "new", mark: "new", label: texts.newMark });
      last = null;
    }
    const joined = last !== null && last.author === message.author && last.name === message.name &&
      Date.parse(message.created_at) - Date.parse(last.created_at) < JOIN_WITHIN_MS;
    rows.push({ ...message, fresh: undefined, key: message.client_message_id ?? `m${message.sequence}`, joined });
    last = message;
  }
  return rows;
}

function mark(row) {
  return h("li", { class: `mark${row.mark === "new" ? " mark--new" : ""}`, text: row.label });
}

function author(message) {
  if (message.author === "bot") return texts.bot;
  if (message.author === "customer") return state.detail.escalation.customer_name;
  return message.name === myName() ? texts.you : message.name;
}

function said(message, { retry, discard }) {
  const by = h(
    "div",
    { class: "said__by" },
    message.author === "bot" ? icon("bot") : null,
    h("strong", { text: author(message) ?? "" }),
    h("time", { datetime: message.created_at, text: clock(message.created_at) }),
  );
  return h(
    "li",
    { class: "said", "data-author": message.author, "data-state": message.state, "data-joined": message.joined },
    message.joined || message.author === "system" ? null : by,
    h("div", { class: "said__text", title: clock(message.created_at) }, linked(message.text)),
    message.attachment ? attached(message.attachment) : null,
    message.state ? sendingState(message, { retry, discard }) : null,
    message.receipt ? h("div", { class: "said__state", text: texts[message.receipt] }) : null,
  );
}

function sendingState(message, { retry, discard }) {
  if (message.state === "sending") return h("div", { class: "said__state", text: texts.sending });
  return h(
    "div",
    { class: "said__state", role: "alert" },
    h("span", { text: message.problem ? `${texts.failed} ${message.problem}` : texts.failed }),
    h("button", { type: "button", text: texts.retry, onclick: () => retry(message.client_message_id) }),
    h("button", { type: "button", text: texts.discard, onclick: () => discard(message.client_message_id) }),
  );
}
