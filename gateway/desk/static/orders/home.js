// Where an order is chosen: by its number, among the customer's, or because it waits for somebody.

import { h, icon } from "../dom.js";
import { date } from "../format.js";
import { card, statusBadge } from "../parts.js";
import { fill } from "../texts.js";
import { accountCards, nobodysCard } from "./account.js";
import { words } from "./words.js";

/** `mine` are the orders of the conversation's customer, or null outside a conversation. */
export function homeView({ mine, work }, { open, resend, escalationId, show }) {
  return h(
    "div",
    { class: "order" },
    search(open),
    mine ? customersOrders(mine, open) : null,
    mine ? (mine.customer ? accountCards(mine, { escalationId, show }) : nobodysCard({ escalationId, show })) : null,
    mine ? null : tasks(work, { open, resend }),
  );
}

function search(open) {
  const input = h("input", { type: "search", required: true, maxlength: "40", autocomplete: "off", spellcheck: "false" });
  const submit = (event) => {
    event.preventDefault();
    open(input.value.trim());
  };
  return h(
    "form",
    { class: "find", role: "search", "aria-label": words.find, onsubmit: submit },
    h("label", { class: "field" }, h("span", { text: words.findHint }), input),
    h("button", { type: "submit", class: "button button--primary", text: words.findGo }),
  );
}

function customersOrders({ customer, orders }, open) {
  if (!customer) return h("p", { class: "proof", "data-level": "stranger" }, icon("alert"), words.unknown);
  return card("box", fill(words.homeFor, { name: customer.name }), orders.length === 0
    ? h("p", { class: "nothing", text: words.noOrders })
    : h("ul", { class: "chooser" }, orders.map((order) => choice(
      order.number,
      open,
      [statusBadge(order.status)],
      [`${date(order.placed_at)} · ${order.total}`, order.items.join(", ")],
    ))));
}

function tasks({ refund_requests: requests, returns, dead_letters: dead }, { open, resend }) {
  return [
    task("receipt", "refund_requests", requests.map((request) => choice(
      request.order_number, open, [request.reference, request.amount],
      [[words.reasons[request.reason] ?? request.reason, date(request.created_at)].join(" · ")],
    ))),
    task("repeat", "returns", returns.map((sent) => choice(
      sent.order_number, open, [sent.reference, words.returnStates[sent.state]],
      [[words.returnKinds[sent.kind], fill(sent.pieces === 1 ? words.pieces.one : words.pieces.many, { count: sent.pieces }), date(sent.created_at)].join(" · ")],
    ))),
    task("alert", "dead_letters", dead.map((letter) => deadLetter(letter, { open, resend }))),
  ];
}

function task(iconName, name, rows) {
  const nothing = h("p", { class: "nothing", text: words.noTasks[name] });
  return card(iconName, words.tasks[name], rows.length === 0 ? nothing : h("ul", { class: "chooser" }, rows));
}

function choice(number, open, marks, sentences) {
  return h("li", {}, h(
    "button",
    { type: "button", class: "chooser__row", "aria-label": fill(words.openOrder, { number }), onclick: () => open(number) },
    h("span", { class: "chooser__head" }, h("strong", { text: number }), marks.map((mark) => h("span", {}, mark))),
    sentences.map((sentence) => h("span", { class: "chooser__more", text: sentence })),
  ));
}

function deadLetter({ id, topic, about, error, order_number: number, created_at: at }, { open, resend }) {
  return h(
    "li",
    { class: "matter" },
    h(
      "div",
      { class: "matter__head" },
      h("strong", { text: words.topics[topic] ?? topic }),
      number ? h("button", { type: "button", class: "more", "aria-label": fill(words.openOrder, { number }), text: number, onclick: () => open(number) }) : null,
      h("span", { text: date(at) }),
    ),
    [about, error].filter(Boolean).map((sentence) => h("p", { text: sentence })),
    h("div", { class: "deeds" }, h("button", { type: "button", class: "button", text: words.again, onclick: () => resend(id) })),
  );
}
