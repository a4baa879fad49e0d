/** An order: where it is, what is in it, and the parcel under way. */

import { element, spoken } from "../dom.js";
import { icon } from "../icons.js";
import { safeAddress } from "../links.js";

const JOURNEY = ["pending", "paid", "packing", "shipped", "delivered"];
const OTHER_JOURNEYS = { cancelled: ["pending", "cancelled"], returned: ["shipped", "delivered", "returned"] };

export function orderCard(order, words) {
  const { strings, times } = words;
  return element(
    "section",
    { class: "card order", "aria-label": strings.order(order.number) },
    element(
      "header",
      {},
      element(
        "div",
        {},
        element("strong", {}, strings.order(order.number)),
        order.placed_on ? element("span", { class: "quiet" }, strings.placedOn(times.date(order.placed_on))) : null,
      ),
      statusBadge(order),
    ),
    journey(order.status, strings),
    shipment(order.shipment, words),
    lines(order, strings),
  );
}

/** The word for where an order is; its colour only repeats it. */
export function statusBadge({ status, status_label: label }) {
  return element("span", { class: `status status-${kindOfStatus(status)}` }, label ?? status);
}

function kindOfStatus(status) {
  if (status === "delivered") return "done";
  return status in OTHER_JOURNEYS ? "ended" : "going";
}

/** The way of an order as a row of stations; colour is never the only sign, each has its word. */
function journey(status, strings) {
  const stations = OTHER_JOURNEYS[status] ?? JOURNEY;
  const current = stations.indexOf(status);
  if (current < 0) return null;
  const over = status in OTHER_JOURNEYS || status === "delivered";
  return element(
    "ol",
    { class: `journey${status === "cancelled" ? " stopped" : ""}`, "aria-label": strings.progress(stations.length, current + 1) },
    stations.map((station, index) => {
      const done = index < current || (over && index === current);
      const sign = station === "cancelled" ? "close" : "check";
      return element(
        "li",
        { class: done ? "done" : index === current ? "current" : "ahead", "aria-current": index === current ? "step" : null },
        element("span", { class: "station" }, done ? icon(sign) : null),
        element("span", { class: "station-name" }, strings.steps[station]),
      );
    }),
  );
}

function shipment(sent, { strings, times, server }) {
  if (!sent) return null;
  const href = sent.tracking_url ? safeAddress(sent.tracking_url, server) : null;
  const about = [sent.carrier, sent.tracking_code].filter(Boolean).join(" · ");
  return element(
    "div",
    { class: "shipment" },
    element("span", { class: "card-mark" }, icon("parcel")),
    element(
      "div",
      {},
      sent.expected_on ? element("strong", {}, strings.expectedOn(times.date(sent.expected_on))) : null,
      element("span", { class: "quiet" }, about),
    ),
    href
      ? element("a", { class: "button", href, target: "_blank", rel: "noopener" }, strings.track, spoken(strings.newTab))
      : null,
  );
}

function lines({ lines: ordered = [], total }, strings) {
  const rows = ordered.map(({ name, quantity, price }) =>
    element("li", {}, element("span", { class: "quiet" }, strings.quantity(quantity)), element("span", {}, name), element("span", {}, price)),
  );
  return element(
    "div",
    { class: "lines" },
    element("ul", {}, rows),
    total ? element("p", { class: "total" }, element("span", {}, strings.total), element("span", {}, total)) : null,
  );
}
