// One order: what is in it, its money, what waits for a decision, what can be done, and what happened.

import { h, icon } from "../dom.js";
import { calendarDay, date } from "../format.js";
import { badge, card, facts } from "../parts.js";
import { fill, texts } from "../texts.js";
import { known, title } from "./forms.js";
import { opener } from "./opener.js";
import { story } from "./story.js";
import { words } from "./words.js";

const s = words.sections;

/** The whole order; `show(answer)` puts another state of it in its place. */
export function orderView({ order, proven, possible }, { escalationId, show }) {
  const act = (name, more = {}, looks = {}) => opener(name, { order, escalationId, ...more }, { ...looks, onDone: show });
  return h(
    "div",
    { class: "order" },
    proven ? null : h("p", { class: "proof", "data-level": "stranger" }, icon("alert"), escalationId ? words.unproven : words.besides),
    order.books.drift ? h("p", { class: "notice", role: "alert" }, icon("alert"), `${words.driftHint} (${order.books.drift})`) : null,
    itemsCard(order),
    complaintsCard(order),
    requestsCard(order, act),
    returnsCard(order, act),
    possibleCard(possible, proven, act),
    moneyCard(order),
    parcelsCard(order),
    card("clock", s.timeline, story(order, { undo: (operation) => act("undo", { reference: operation.reference }, { quiet: true }) })),
  );
}

function itemsCard({ lines }) {
  return card("tag", s.items, h("ul", { class: "lines lines--bare" }, lines.map((line) =>
    h(
      "li",
      { "data-gone": line.gone === line.quantity },
      h("span", {}, `${line.quantity} × ${line.name}`, lineNotes(line)),
      h("span", { text: line.quantity > 1 ? fill(texts.each, { price: line.price }) : line.price }),
    ))));
}

function lineNotes(line) {
  const notes = [];
  if (line.for_exchange) notes.push(words.forExchange);
  if (line.gone > 0) notes.push(line.gone === line.quantity ? words.gone.all : fill(words.gone.some, { count: line.gone }));
  if (line.credited) notes.push(fill(words.credited, { amount: line.credited }));
  return notes.length > 0 ? h("small", { text: notes.join(" · ") }) : null;
}

function moneyCard({ books, payments }) {
  const named = ["value", "paid", "refunded", "owed_to_customer", "owed_by_customer"];
  return card(
    "receipt",
    s.money,
    facts(named.map((name) => [words.books[name], books[name]])),
    h("ul", { class: "others" }, payments.map((payment) =>
      h(
        "li",
        {},
        h("span", {}, payment.label, payment.failure ? h("small", { text: payment.failure }) : null),
        h("span", {}, payment.amount, h("small", { text: words.statuses[payment.status] ?? payment.status })),
      ))),
  );
}

function parcelsCard({ shipments, ship_to: shipTo, customer }) {
  return card(
    "truck",
    s.parcels,
    facts([
      [words.shipTo, shipTo.join(", ")],
      [texts.context.email, customer.email],
      ...shipments.map((parcel) => [parcel.carrier, parcelText(parcel)]),
    ]),
  );
}

function parcelText({ tracking_code: code, expected_on: expected, delivered_at: delivered }) {
  const when = delivered ? fill(words.arrived, { date: date(delivered) }) : fill(words.arrives, { date: calendarDay(expected) });
  return `${code} · ${when}`;
}

const items = (lines) => lines.map(({ name, quantity, wanted }) =>
  [`${quantity} × ${name}`, wanted ? fill(words.wanted, { what: wanted }) : null].filter(Boolean).join(", ")).join("; ");

const reasonOf = (reason) => words.reasons[reason] ?? reason;

function requestsCard({ refund_requests: requests }, act) {
  if (requests.length === 0) return null;
  const waits = ({ state }) => state === "open" || state === "approved";
  return card("receipt", s.refund_requests, requests.map((request) =>
    matter(request.reference, badge(words.requestStates[request.state], waits(request) ? "warm" : ""), [
      [request.amount, reasonOf(request.reason)].join(" · "),
      items(request.lines),
      request.advice ? words.advice[request.advice] : null,
    ], waits(request) ? [
      act("pay_refund", { reference: request.reference, amount: request.amount }),
      act("decline_refund", { reference: request.reference }),
    ] : [])));
}

function returnsCard({ returns }, act) {
  if (returns.length === 0) return null;
  const waits = ({ state }) => state === "announced" || state === "received";
  return card("repeat", s.returns, returns.map((sent) =>
    matter(
      sent.reference,
      badge(words.returnStates[sent.state], waits(sent) ? "warm" : ""),
      [[words.returnKinds[sent.kind], sent.difference ?? sent.amount, reasonOf(sent.reason)].join(" · "), items(sent.lines)],
      [
        waits(sent) ? act("receive", { reference: sent.reference }) : null,
        sent.state === "announced" ? act("withdraw", { reference: sent.reference }) : null,
      ],
    )));
}

function complaintsCard({ complaints }) {
  if (complaints.length === 0) return null;
  const t = texts.context;
  return card("alert", s.complaints, complaints.map((complaint) =>
    matter(
      complaint.reference,
      badge(words.complaintStates[complaint.state], complaint.state === "open" ? "warm" : ""),
      [[t.complaintKinds[complaint.kind], t.complaintWishes[complaint.wish]].join(" · "), complaint.items.join("; "), `“${complaint.details}”`],
      [],
      photos(complaint.photos),
    )));
}

function photos(sent) {
  if (sent.length === 0) return null;
  return h("ul", { class: "photos" }, sent.map(({ id }, position) => {
    const label = fill(words.photo, { number: position + 1, count: sent.length });
    const url = `/api/desk/attachments/${encodeURIComponent(id)}`;
    return h("li", {}, h("a", { href: url, target: "_blank", rel: "noopener" }, h("img", { src: url, alt: label, loading: "lazy" })));
  }));
}

/** Something with a reference: what it is, how it stands, and what may be done about it. */
function matter(reference, standing, sentences, deeds, more = null) {
  return h(
    "div",
    { class: "matter" },
    h("div", { class: "matter__head" }, h("strong", { text: reference }), standing),
    sentences.filter(Boolean).map((sentence) => h("p", { text: sentence })),
    more,
    deeds.some(Boolean) ? h("div", { class: "deeds" }, deeds) : null,
  );
}

function possibleCard(possible, proven, act) {
  const offered = possible.filter(({ name }) => known(name));
  const allowed = offered.filter(({ refusal }) => !refusal);
  const forbidden = offered.filter(({ refusal }) => refusal);
  return card(
    "spark",
    s.possible,
    allowed.length > 0
      ? h("div", { class: "deeds" }, allowed.map((each) => act(each.name, each, { reason: each.for_customer && !proven ? "unproven" : null })))
      : null,
    forbidden.length > 0 ? h("ul", { class: "forbidden" }, forbidden.map((each) => refused(each, act))) : null,
  );
}

/** What a rule forbids, why, and the way past it where there is one. */
function refused({ name, refusal, ...about }, act) {
  return h(
    "li",
    {},
    icon("refused"),
    h(
      "div",
      {},
      h("p", {}, h("strong", { text: title(name) }), ` ${refusal.text} `, h("small", { text: fill(words.refusalRule, { rule: refusal.rule }) })),
      about.passable.includes(refusal.rule) ? act(name, about, { past: true }) : null,
    ),
  );
}
