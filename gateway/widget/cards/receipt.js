/** What was done, in black and white, with the reference to quote. */

import { element, shape } from "../dom.js";
import { icon } from "../icons.js";

export function receiptCard({ title, reference, lines = [] }, { strings }) {
  return element(
    "section",
    { class: "card receipt", "aria-label": title },
    element("header", {}, element("span", { class: "card-mark done" }, icon("check")), element("strong", {}, title)),
    element(
      "dl",
      {},
      lines.map(({ label, value }) => element("div", {}, element("dt", {}, label), element("dd", {}, value))),
    ),
    reference
      ? element("footer", {}, perforation(), element("span", {}, strings.reference), element("code", {}, reference))
      : null,
  );
}

function perforation() {
  return shape(
    "svg",
    { class: "perforation", "aria-hidden": "true", height: "2", width: "100%" },
    shape("line", { x1: "0", y1: "1", x2: "100%", y2: "1", "stroke-dasharray": "2 5", "stroke-linecap": "round" }),
  );
}
