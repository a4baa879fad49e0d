// The right column: customer, orders, and what the bot tried.

import { h, icon } from "./dom.js";
import { date } from "./format.js";
import { badge, card, empty, facts, ghosts, statusBadge } from "./parts.js";
import { state, watch } from "./store.js";
import { fill, texts } from "./texts.js";
import { triedCard } from "./tried.js";

const t = texts.context;
const OTHERS = 3;

/** `openOrder(number)` shows an order; without a number the customer's, to choose from. */
export function contextColumn({ openOrder }) {
  const column = h("aside", { class: "desk__context", "aria-label": texts.views.context });
  let shown = null;
  const draw = () => {
    const { detail } = state;
    const coming = !detail && Boolean(state.chosenId) && state.problem === null;
    const now = coming ? "coming" : detail && JSON.stringify([detail.escalation.id, detail.escalation.customer_name, detail.document, detail.turns]);
    if (now === shown && column.firstChild) return;
    shown = now;
    if (coming) column.replaceChildren(h("div", { class: "context" }, ghosts([120, 150, 180])));
    else column.replaceChildren(detail ? content(detail, openOrder) : empty("book", texts.empty.context));
  };
  watch((parts) => {
    if (parts.has("detail") || parts.has("problem")) draw();
  });
  draw();
  return column;
}

function content({ document: story, escalation, turns, transcript }, openOrder) {
  return h(
    "div",
    { class: "context", tabindex: "0" },
    customerCard(story, escalation, openOrder),
    complaintCard(story),
    preparedCard(story),
    ordersCard(story, openOrder),
    triedCard(story, turns, transcript),
    refundsCard(story),
    earlierCard(story),
    visitCard(story),
  );
}

function customerCard({ identity, customer, sentiment, slots }, escalation, openOrder) {
  const proof = h(
    "p",
    { class: "proof", "data-level": identity.level },
    icon(identity.level === "stranger" ? "alert" : "shield"),
    t.proof[identity.level],
  );
  const told = customer ? [] : [[t.email, slots.email], [t.postcode, slots.postcode]];
  return card(
    "user",
    customer?.name ?? (escalation.customer_name || t.stranger),
    proof,
    facts([
      [t.email, customer?.email],
      [t.phone, customer?.phone],
      ...told.map(([name, value]) => [`${name} (${t.told.toLowerCase()})`, value]),
      [t.since, customer && [date(customer.since), orderCount(customer.order_count)].filter(Boolean).join(" · ")],
      [t.mood, mood(sentiment)],
    ]),
    h("button", { type: "button", class: "button button--wide", "aria-keyshortcuts": "O", onclick: () => openOrder() }, icon("box"), t.orders, h("kbd", { "aria-hidden": "true", text: "O" })),
  );
}

const orderCount = (count) => (count === 1 ? "1 order" : `${count} orders`);

function mood({ latest, trend }) {
  if (latest <= -0.4) return badge(texts.mood.upset, "urgent");
  return trend === "falling" || latest < -0.1 ? badge(texts.mood.uneasy, "warm") : null;
}

function complaintCard({ complaint, matched }) {
  // Documents of version 1 know neither.
  if (!complaint) return matched ? card("alert", t.matched, h("p", { class: "quote", text: `“${matched}”` })) : null;
  return card(
    "alert",
    fill(t.complaint, { kind: t.complaintKinds[complaint.kind] ?? complaint.kind, order: complaint.order_number }),
    facts([
      [t.reference, complaint.reference],
      [t.complaintItems, complaint.items.join(", ")],
      [t.complaintWish, t.complaintWishes[complaint.wish] ?? complaint.wish],
    ]),
    complaint.details ? h("p", { class: "quote", text: `“${complaint.details}”` }) : null,
  );
}

function preparedCard({ prepared }) {
  if (!prepared?.length) return null;
  return card("user", t.prepared, facts(prepared.map(({ label, value }) => [label, value])));
}

function ordersCard({ orders, slots }, openOrder) {
  if (orders.length === 0) return toldOrder(slots);
  const asked = orders.filter((order) => order.asked_about);
  const main = asked.length > 0 ? asked : orders.slice(0, 1);
  const others = orders.filter((order) => !main.includes(order)).slice(0, OTHERS);
  return main.map((order, position) => orderCard(order, position === main.length - 1 ? others : [], openOrder));
}

function toldOrder({ order_number: number }) {
  if (!number) return null;
  return card("box", number, facts([[t.told, "order number, not proven"]]));
}

function numberButton(number, openOrder) {
  return h("button", { type: "button", class: "more", "aria-label": fill(t.openOrder, { number }), text: number, onclick: () => openOrder(number) });
}

function orderCard(order, others, openOrder) {
  return h(
    "section",
    { class: "card" },
    h("div", { class: "card__head" }, icon("box"), h("h2", {}, numberButton(order.number, openOrder)), statusBadge(order.status)),
    facts([
      [t.placedOn, [date(order.placed_at), order.total].join(" · ")],
      [t.paidWith, order.paid_with.join(", ")],
      ...order.shipments.map((parcel) => [parcel.carrier, parcelText(parcel)]),
    ]),
    h(
      "ul",
      { class: "lines" },
      order.lines.map((line) => h("li", {}, h("span", { text: `${line.quantity} × ${line.name}` }), h("span", { text: line.quantity > 1 ? fill(texts.each, { price: line.price }) : line.price }))),
    ),
    others.length > 0
      ? h("ul", { class: "others", "aria-label": t.otherOrders }, others.map((other) =>
        h("li", {}, h("span", {}, numberButton(other.number, openOrder)), statusBadge(other.status), h("span", { text: `${date(other.placed_at)} · ${other.total}` }))))
      : null,
  );
}

function parcelText(parcel) {
  const when = parcel.delivered_at
    ? fill(t.delivered, { date: date(parcel.delivered_at) })
    : fill(t.expected, { date: date(parcel.expected_on) });
  return `${parcel.tracking_code} · ${when}`;
}

function refundsCard({ open_refunds: refunds }) {
  if (refunds.length === 0) return null;
  return card("receipt", t.refunds, h("ul", { class: "others others--bare" }, refunds.map((refund) =>
    h(
      "li",
      {},
      h("span", {}, refund.order_number, h("small", { text: refund.reason })),
      h("span", {}, refund.amount, h("small", { text: t.refundStates[refund.status] ?? refund.status })),
    ))));
}

function earlierCard({ earlier }) {
  if (earlier.length === 0) return null;
  return card("clock", t.earlier, h("ul", { class: "others others--bare" }, earlier.map((one) =>
    h("li", {}, h("span", { text: one.note || texts.reasons[one.reason] }), h("span", { text: date(one.created_at) })))));
}

function visitCard({ page }) {
  const pairs = facts([[t.page, page.title || page.url], [t.language, page.language], [t.device, page.device]]);
  return pairs && card("globe", t.visit, pairs);
}
