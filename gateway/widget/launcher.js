/** The button on the shop's page that opens the chat and counts what came in meanwhile. */

import { element } from "./dom.js";
import { icon } from "./icons.js";

const MOST_SHOWN = 9;

/** Events: `toggle`. */
export class Launcher extends EventTarget {
  node;
  #strings;
  #badge = element("span", { class: "badge", "aria-hidden": "true", hidden: true });

  /** `label` is a word shown beside the picture; "none" leaves the button out, for shops that bring their own. */
  constructor(strings, label) {
    super();
    this.#strings = strings;
    const onclick = () => this.dispatchEvent(new Event("toggle"));
    const words = label && label !== "none" ? element("span", { class: "launcher-words" }, label) : null;
    this.node = element(
      "button",
      { class: words ? "launcher worded" : "launcher", type: "button", hidden: label === "none", "aria-expanded": "false", "aria-controls": "panel", onclick },
      element("span", { class: "launcher-icons" }, icon("chat"), icon("down")),
      words,
      this.#badge,
    );
  }

  show({ open, unread }) {
    this.node.setAttribute("aria-expanded", String(open));
    const count = open ? 0 : unread;
    this.#badge.hidden = count === 0;
    this.#badge.textContent = count === 0 ? "" : count > MOST_SHOWN ? `${MOST_SHOWN}+` : String(count);
    const label = open ? this.#strings.close : count ? this.#strings.launcherUnread(count) : this.#strings.launcher;
    this.node.setAttribute("aria-label", label);
  }

  focus() {
    this.node.focus({ preventScroll: true });
  }
}
