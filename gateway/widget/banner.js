/** One line below the header for what is wrong right now: no network, no server, or a sentence of the server. */

import { element } from "./dom.js";
import { icon } from "./icons.js";

/** Short losses mend themselves before they are worth a word. */
const PATIENCE_MS = 1_500;
const NOTICE_MS = 6_000;

/** Events: `retry`. */
export class Banner extends EventTarget {
  node = element("div", { class: "banner", role: "status" });
  #strings;
  #shown = null;
  #lost = false;
  #patience = 0;
  #notice = null;
  #noticeTimer = 0;
  #session = null;

  constructor(strings) {
    super();
    this.#strings = strings;
  }

  show(session) {
    this.#session = session;
    if (session.live || session.connectionState === "idle") {
      clearTimeout(this.#patience);
      this.#patience = 0;
      this.#lost = false;
    } else if (!this.#patience) {
      this.#patience = setTimeout(() => {
        this.#lost = true;
        this.#draw();
      }, PATIENCE_MS);
    }
    this.#draw();
  }

  notice(text) {
    clearTimeout(this.#noticeTimer);
    this.#notice = text;
    this.#noticeTimer = setTimeout(() => {
      this.#notice = null;
      this.#draw();
    }, NOTICE_MS);
    this.#draw();
  }

  #draw() {
    const what = this.#what();
    if (what === this.#shown) return;
    this.#shown = what;
    this.node.replaceChildren(...(what ? this.#line(what) : []));
  }

  #what() {
    const { live, connectionState } = this.#session ?? {};
    if (!live && connectionState !== "idle" && !navigator.onLine) return "offline";
    if (this.#lost) return "reconnecting";
    return this.#notice;
  }

  #line(what) {
    const strings = this.#strings;
    if (what === "offline") return [icon("cloud"), element("span", {}, strings.offline)];
    if (what !== "reconnecting") return [icon("alert"), element("span", {}, what)];
    const onclick = () => this.dispatchEvent(new Event("retry"));
    return [
      icon("cloud"),
      element("span", {}, this.#session.conversation.id === null ? strings.unreachable : strings.reconnecting),
      element("button", { type: "button", onclick }, strings.reconnectNow),
    ];
  }
}
