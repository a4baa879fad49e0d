// What happened to an order, newest first, and what of it can be taken back.

import { h, icon } from "../dom.js";
import { clock, date, words as plain } from "../format.js";
import { fill } from "../texts.js";
import { words } from "./words.js";

const LOOKS = {
  placed: "tag", shipped: "truck", delivered: "box", payment_failed: "alert", refund_failed: "alert",
  audit_report_problem: "alert",
};

const look = (kind) => LOOKS[kind] ?? (kind.startsWith("payment") || kind.startsWith("refund") ? "receipt" : "check");

export function story({ timeline, operations }, { undo }) {
  const byReference = new Map(operations.map((operation) => [operation.reference, operation]));
  return h("ol", { class: "story" }, [...timeline].reverse().map((event) => {
    const operation = byReference.get(event.details.reference);
    return h(
      "li",
      { class: "story__event", "data-undone": Boolean(operation?.undone_at) },
      icon(look(event.kind)),
      h(
        "div",
        {},
        h("p", {}, h("strong", { text: sentence(event) }), event.who ? ` · ${words.who[event.who] ?? event.who}` : ""),
        notes(event, operation).map((note) => h("p", { class: "story__note", text: note })),
        operation?.reversible ? undo(operation) : null,
      ),
      h("time", { datetime: event.at, text: `${date(event.at)}, ${clock(event.at)}` }),
    );
  }));
}

function sentence({ kind, details }) {
  const known = words.events[kind];
  return known ? fill(known, details) : plain(kind.replace(/^(audit|operation)_/, ""));
}

function notes({ details }, operation) {
  const found = [];
  if (operation) found.push(operation.reference);
  if (details.failure) found.push(details.failure);
  if (details.why && !operation?.override) found.push(words.reasons[details.why] ?? details.why);
  if (operation?.override) found.push(fill(words.overridden, { why: operation.override }));
  if (operation?.undone_at) {
    found.push(fill(words.undone, { who: words.who[operation.undone_by] ?? operation.undone_by, date: date(operation.undone_at) }));
  } else if (operation?.customer_until) {
    found.push(fill(words.customerUntil, { time: `${date(operation.customer_until)}, ${clock(operation.customer_until)}` }));
  }
  return found;
}
