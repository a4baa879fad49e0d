/** A product with what can be bought of it, and several of them to compare. */

import { element, spoken } from "../dom.js";
import { icon } from "../icons.js";
import { safeAddress } from "../links.js";

/** So many options are shown at once, alone and beside others; of more, two fewer and a button for the rest. */
const MOST_OPTIONS = 8;
const MOST_COMPARED = 6;

export function productCard(product, words) {
  return element("section", { class: "card product", "aria-label": product.name }, parts(product, words, MOST_OPTIONS));
}

/** Side by side where there is room, one below the other on a phone; many are scrolled through. */
export function comparisonCard({ products = [] }, words) {
  const columns = element(
    "ul",
    { class: "comparison-columns", role: "list" },
    products.map((product) => element("li", { class: "product" }, parts(product, words, MOST_COMPARED))),
  );
  const label = words.strings.comparison(products.map(({ name }) => name));
  const attributes = { class: `card comparison${products.length > 2 ? " many" : ""}`, role: "region", "aria-label": label };
  return element("div", { ...attributes, tabindex: products.length > 2 ? "0" : null }, columns);
}

function parts(product, words, most) {
  const { strings, server } = words;
  const href = product.url ? safeAddress(product.url, server) : null;
  return [
    element(
      "div",
      { class: "product-head" },
      element("strong", {}, product.name),
      element("span", { class: "price" }, product.price),
    ),
    product.summary ? element("p", { class: "quiet" }, product.summary) : null,
    options(product, strings, most),
    href ? element("a", { class: "button", href, target: "_blank", rel: "noopener" }, strings.seeProduct, spoken(strings.newTab)) : null,
  ];
}

function options({ name, price, options: offered = [] }, strings, most) {
  const list = element("ul", { class: "options", role: "list", "aria-label": strings.optionsOf(name) });
  const rows = offered.map((option) => row(option, price));
  if (rows.length <= most) {
    list.append(...rows);
    return list;
  }
  const rest = rows.slice(most - 2);
  const onclick = () => {
    // Whoever asked for the rest reads on where the focus goes; the log need not read all of it out.
    list.setAttribute("aria-live", "off");
    list.replaceChildren(...rows);
    rest[0].tabIndex = -1;
    rest[0].focus();
  };
  const more = element("button", { class: "more", type: "button", onclick }, strings.moreOptions(rest.length));
  list.append(...rows.slice(0, most - 2), element("li", {}, more));
  return list;
}

/**
 * An option's price only where it is not the product's own; whether it can be had is said by sign and by words.
 * A product of one version has an option without a name.
 */
function row({ name, price, availability, available }, usual) {
  const stock = element("span", { class: "option-stock" }, availability);
  const own = price && price !== usual ? element("span", { class: "quiet" }, ` ${price}`) : null;
  return element(
    "li",
    { class: available ? "option" : "option gone" },
    icon(available ? "check" : "close"),
    element("span", {}, name ? element("span", { class: "option-name" }, name) : stock, own),
    name ? stock : null,
  );
}
