/** Several orders: a list of buttons while the message can be answered, a plain list once it cannot. */

import { element } from "../dom.js";
import { icon } from "../icons.js";
import { statusBadge } from "./order.js";

export class OrderList {
  node = element("ul", { class: "card orders", role: "list" });
  #orders;
  #words;
  #act;
  #choosable;
  #shown = null;

  /** Choice i of the message belongs to order i; an order without one is only told about. */
  constructor({ orders = [] }, words, act, choices) {
    this.#orders = orders;
    this.#words = words;
    this.#act = act;
    this.#choosable = choices.length;
  }

  show(open) {
    if (open === this.#shown) return;
    // The log reads out what is added to it; the same orders drawn anew are not news.
    if (this.#shown !== null) this.node.setAttribute("aria-live", "off");
    this.#shown = open;
    const { strings } = this.#words;
    const choosable = open ? Math.min(this.#choosable, this.#orders.length) : 0;
    this.node.setAttribute("aria-label", choosable > 0 ? strings.chooseOrder : strings.orders);
    this.node.replaceChildren(...this.#orders.map((order, index) => element("li", {}, this.#row(order, index < choosable ? index : null))));
  }

  #row(order, choice) {
    const { strings, times } = this.#words;
    const placed = order.placed_on ? strings.placedOn(times.date(order.placed_on)) : null;
    const words = [
      element("span", { class: "orders-what" }, element("strong", {}, order.number), element("span", { class: "quiet" }, placed)),
      element("span", { class: "orders-sum" }, element("span", {}, order.total), element("span", { class: "quiet" }, order.items)),
      statusBadge(order),
    ];
    if (choice === null) return element("div", { class: "orders-row" }, words);
    const onclick = () => this.#act("choose", choice);
    return element("button", { class: "orders-row", type: "button", onclick }, words, icon("next"));
  }
}
