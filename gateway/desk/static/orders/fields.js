// The fields of the forms; each gives its element and, when read, its part of the request.

import { h } from "../dom.js";
import { fill } from "../texts.js";
import { words } from "./words.js";

const t = words.fields;

let made = 0;

/** A label beside its input and not around it, so that it is not read with every option. */
function labelled(label, input, hint = null) {
  made += 1;
  input.id = `field-${made}`;
  if (hint) input.setAttribute("aria-describedby", `hint-${made}`);
  return h(
    "div",
    { class: "field" },
    h("label", { for: input.id }, h("span", { text: label })),
    input,
    hint ? h("small", { id: `hint-${made}`, text: hint }) : null,
  );
}

function select(options, { required = true, empty = t.choose } = {}) {
  return h(
    "select",
    { required },
    empty === null ? null : h("option", { value: "", text: empty }),
    options.map(({ value, label, disabled = false }) => h("option", { value: String(value), text: label, disabled })),
  );
}

const variantOption = ({ id, label, price, available }) => ({
  value: id,
  label: [label, price, available ? null : t.soldOut].filter(Boolean).join(" · "),
  disabled: !available,
});

const methodOption = ({ id, label, balance }) => ({ value: id, label: [label, balance].filter(Boolean).join(" · ") });

/** Why, out of a closed list. */
export function reason({ reasons }) {
  const input = select(reasons.map((value) => ({ value, label: words.reasons[value] ?? value })));
  return { element: labelled(t.reason, input), read: () => ({ reason: input.value }) };
}

/** Why, in words that the customer reads. */
export function why() {
  const input = h("textarea", { rows: "3", required: true, minlength: "10", maxlength: "500" });
  return { element: labelled(t.why, input), read: () => ({ why: input.value.trim() }) };
}

/** Why something is taken back; in words for colleagues. */
export function because() {
  const input = h("textarea", { rows: "2", required: true, minlength: "10", maxlength: "500" });
  return { element: labelled(t.because, input), read: () => ({ because: input.value.trim() }) };
}

/** Why the "rule" does not count, or how an "unproven" customer is known; in words for colleagues. */
export function override(why) {
  const input = h("textarea", { rows: "2", required: true, minlength: "10", maxlength: "500" });
  return { element: labelled(words.override[why], input, words.overrideHint), read: () => ({ override: input.value.trim() }) };
}

/** Where the order is to go, in one piece. */
export function address() {
  const input = h("textarea", { rows: "3", required: true, maxlength: "400", autocomplete: "off" });
  return { element: labelled(t.address, input, t.addressHint), read: () => ({ address: input.value.trim() }) };
}

/** Whether parcels or bills go there. */
export function addressKind() {
  const input = select(["shipping", "billing"].map((value) => ({ value, label: words.addresses[value] })), { empty: null });
  return { element: labelled(t.addressKind, input), read: () => ({ kind: input.value }) };
}

function value(label, attributes) {
  const input = h("input", { required: true, autocomplete: "off", ...attributes });
  return { element: labelled(label, input), read: () => ({ value: input.value.trim() }) };
}

export const phone = () => value(t.phone, { type: "tel", maxlength: "40" });
export const email = () => value(t.email, { type: "email", maxlength: "254" });
export const name = () => value(t.name, { type: "text", maxlength: "200" });

/** The other way than it is now; there is nothing to choose. */
export function newsletter({ customer }) {
  return { element: null, read: () => ({ wanted: !customer.newsletter.wanted }) };
}

/** What a mail of ours calls the change. */
export function reference() {
  const input = h("input", { type: "text", required: true, maxlength: "40", autocomplete: "off", spellcheck: "false" });
  return { element: labelled(t.reference, input, t.referenceHint), read: () => ({ reference: input.value.trim().toUpperCase() }) };
}

/** One of the customer's own ways to pay. */
export function method({ order }) {
  const input = select(order.methods.map(methodOption));
  return { element: labelled(t.method, input), read: () => ({ method_id: Number(input.value) }) };
}

const chosen = (input) => ({ method_id: input.value ? Number(input.value) : null });

/** Where money of returned goods goes: to where it came from, or to a gift card. */
export function refundTo({ order }) {
  const cards = order.methods.filter(({ balance }) => balance !== null);
  const input = select(cards.map(methodOption), { required: false, empty: t.original });
  return { element: labelled(t.refund_to, input), read: () => chosen(input) };
}

/** What pays a difference or gets it. */
export function difference({ order }) {
  const input = select(order.methods.map(methodOption), { required: false, empty: t.original });
  return { element: labelled(t.difference, input), read: () => chosen(input) };
}

/** Whether sealed goods have been opened. */
export function opened() {
  const input = h("input", { type: "checkbox" });
  return { element: h("label", { class: "check" }, input, t.opened), read: () => ({ opened: input.checked }) };
}

const leftOf = (line) => line.quantity - line.gone;

function pieces(line) {
  const options = Array.from({ length: leftOf(line) + 1 }, (_, count) => ({ value: count, label: count === 0 ? t.none : String(count) }));
  const input = select(options, { required: false, empty: null });
  input.setAttribute("aria-label", fill(t.pieces_of, { name: line.name }));
  return input;
}

/** At least one of the rows must be filled; the browser says so at the first one. */
function rows(label, lines, filled) {
  const inputs = lines.map(({ input }) => input);
  const check = () => inputs[0]?.setCustomValidity(lines.some(filled) ? "" : t.choose);
  for (const input of inputs) input.addEventListener("change", check);
  check();
  return h("fieldset", { class: "rows" }, h("legend", { text: label }), lines.map(({ element }) => element));
}

/** So many pieces of each line. */
export function parts({ order }) {
  const lines = order.lines.filter((line) => leftOf(line) > 0).map((line) => {
    const input = pieces(line);
    if (order.lines.length === 1) input.value = String(leftOf(line));
    return { line, input, element: h("div", { class: "rows__row" }, h("span", { text: line.name }), input) };
  });
  return {
    element: rows(t.pieces, lines, ({ input }) => Number(input.value) > 0),
    read: () => ({
      parts: lines.filter(({ input }) => Number(input.value) > 0)
        .map(({ line, input }) => ({ line_id: line.id, quantity: Number(input.value) })),
    }),
  };
}

/** How many of what was announced are here; the rest stays awaited. */
export function arrived({ order, reference }) {
  const sent = order.returns.find((each) => each.reference === reference);
  const lines = sent.lines.map(({ line_id: id, name, quantity }) => {
    const input = pieces({ name, quantity, gone: 0 });
    input.value = String(quantity);
    return { id, input, element: h("div", { class: "rows__row" }, h("span", { text: name }), input) };
  });
  return {
    element: rows(t.pieces, lines, ({ input }) => Number(input.value) > 0),
    read: () => ({
      parts: lines.filter(({ input }) => Number(input.value) > 0)
        .map(({ id, input }) => ({ line_id: id, quantity: Number(input.value) })),
    }),
  };
}

/** What each line becomes instead, or so many pieces of it. */
export function changes({ order }) {
  const lines = order.lines.filter((line) => leftOf(line) > 0).map((line) => {
    const input = select(line.variants.map(variantOption), { required: false, empty: t.unchanged });
    input.setAttribute("aria-label", fill(t.variant, { name: line.name }));
    const count = pieces(line);
    count.firstElementChild.remove();
    count.value = String(leftOf(line));
    const asked = leftOf(line) > 1 ? [count, input] : [input];
    return { line, input, count, element: h("div", { class: "rows__row" }, h("span", { text: line.name }), ...asked) };
  });
  return {
    element: rows(words.sections.items, lines, ({ input }) => input.value !== ""),
    read: () => ({
      changes: lines.filter(({ input }) => input.value !== "")
        .map(({ line, input, count }) => ({
          line_id: line.id, variant_id: Number(input.value), quantity: Number(count.value),
        })),
    }),
  };
}

/** So many pieces of each line for something else. */
export function exchanges({ order }) {
  const lines = order.lines.filter((line) => leftOf(line) > 0).map((line) => {
    const input = select(line.variants.map(variantOption), { required: false, empty: t.unchanged });
    input.setAttribute("aria-label", fill(t.variant, { name: line.name }));
    const count = pieces(line);
    count.firstElementChild.remove();
    return { line, input, count, element: h("div", { class: "rows__row" }, h("span", { text: line.name }), count, input) };
  });
  return {
    element: rows(words.sections.items, lines, ({ input }) => input.value !== ""),
    read: () => ({
      parts: lines.filter(({ input }) => input.value !== "").map(({ line, input, count }) => ({
        line_id: line.id, quantity: Number(count.value), variant_id: Number(input.value),
      })),
    }),
  };
}
