// What the bot attached to a message, as the customer saw it, in brief.

import { h, icon } from "./dom.js";
import { calendarDay } from "./format.js";
import { fill, texts } from "./texts.js";

const t = texts.attached;
/** What a reader takes in at a glance; the customer sees all of it. */
const MOST_ROWS = 6;
const DRAWN = { article, order, orders, photo, product, products, receipt, date_picker: datePicker };

/** The card's element, or null for a kind that this page does not know. */
export function attached(attachment) {
  return Object.hasOwn(DRAWN, attachment.kind) ? DRAWN[attachment.kind](attachment) : null;
}

function article({ title, url }) {
  const inner = [icon("book"), h("strong", { text: title })];
  const safe = url?.startsWith("/") && !url.startsWith("//");
  return safe
    ? h("a", { class: "attached attached--line", href: url, target: "_blank", rel: "noopener" }, inner)
    : h("div", { class: "attached attached--line" }, inner);
}

/** What the customer sent; the whole picture opens beside the desk. */
function photo({ id, width, height }) {
  const url = `/api/desk/attachments/${encodeURIComponent(id)}`;
  const picture = h("img", { src: url, alt: t.photo, width, height, loading: "lazy" });
  return h("a", { class: "attached attached--photo", href: url, target: "_blank", rel: "noopener" }, picture);
}

/** Icon, title and one fact on the right; below it rows of two: what, and what about it. */
function card(iconName, title, aside, rows) {
  return h(
    "div",
    { class: "attached" },
    h("div", { class: "attached__head" }, icon(iconName), h("strong", { text: title }), aside ? h("span", { text: aside }) : null),
    rows.length > 0 ? h("ul", {}, rows.slice(0, MOST_ROWS).map(row)) : null,
    rows.length > MOST_ROWS ? h("p", { class: "attached__more", text: fill(t.more, { count: rows.length - MOST_ROWS }) }) : null,
  );
}

function row([what, about]) {
  return h("li", {}, h("span", { text: what }), h("span", { text: about ?? "" }));
}

function order({ number, status, status_label: label, total, lines = [] }) {
  const rows = lines.map(({ name, quantity, price }) => [`${quantity} × ${name}`, price]);
  return card("box", number, [label ?? status, total].filter(Boolean).join(" · "), rows);
}

function orders({ orders: listed = [] }) {
  const rows = listed.map(({ number, status, status_label: label, placed_on: placed, total }) =>
    [`${number} · ${calendarDay(placed)}`, [label ?? status, total].filter(Boolean).join(" · ")]);
  return card("box", t.orders, null, rows);
}

function product({ name, price, options = [] }) {
  return card("tag", name, price, options.map((option) => [option.name, option.availability]));
}

function products({ products: compared = [] }) {
  const rows = compared.map(({ name, price, options = [] }) => {
    const inStock = options.filter(({ available }) => available).length;
    return [name, [price, fill(t.inStock, { count: inStock, all: options.length })].join(" · ")];
  });
  return card("tag", t.compared, null, rows);
}

function receipt({ title, reference, lines = [] }) {
  return card("receipt", title, reference, lines.map(({ label, value }) => [label, value]));
}

function datePicker({ earliest, latest }) {
  const range = fill(t.range, { earliest: calendarDay(earliest), latest: calendarDay(latest) });
  return card("calendar", t.calendar, range, []);
}
