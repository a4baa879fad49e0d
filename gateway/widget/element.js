/**
 * `<frontdesk-chat>`: puts the parts together, opens and closes, keeps to the screen of a phone.
 *
 * Events on the element, for the page: `frontdesk:open`, `frontdesk:close`, and `frontdesk:message` (detail:
 * {author, sequence}; never the text, so that no page script gets a conversation by listening).
 */

import { accentProperties } from "./accent.js";
import { Banner } from "./banner.js";
import { Composer } from "./composer.js";
import { element } from "./dom.js";
import { Header } from "./header.js";
import { Launcher } from "./launcher.js";
import { Memory } from "./memory.js";
import { Photos } from "./photos.js";
import { followScreen, isPhone, pageDescription, pageLanguage } from "./screen.js";
import { ChatSession } from "./session.js";
import { stringsFor } from "./strings.js";
import { sheets } from "./styles/sheets.js";
import { Times } from "./times.js";
import { Transcript } from "./transcript.js";

export class FrontdeskChat extends HTMLElement {
  #strings;
  #memory;
  #session;
  #launcher;
  #header;
  #transcript;
  #composer;
  #banner;
  #photos;
  #panel;
  #givenTitle = null;
  #open = false;

  /** Called once by the script tag with its server and its data attributes. */
  start({ server, accent, title, launcher, locale, theme }) {
    const language = locale ?? pageLanguage();
    this.#strings = stringsFor(language);
    this.#givenTitle = title ?? null;
    this.#memory = new Memory(server);
    this.#session = new ChatSession({ server, memory: this.#memory, page: pageDescription });
    this.#photos = new Photos({ server, memory: this.#memory, strings: this.#strings });
    if (theme === "light" || theme === "dark") this.setAttribute("theme", theme);
    for (const [name, value] of Object.entries((accent && accentProperties(accent)) ?? {})) {
      this.style.setProperty(name, value);
    }
    this.#build(launcher, { strings: this.#strings, times: new Times(language, this.#strings), server, online: () => this.#session.live, photo: (id) => this.#photos.load(id) });
    this.#listen();
    this.#show();
    if (this.#session.knownHere) this.#session.start();
    if (this.#memory.open && !isPhone()) this.#setOpen(true);
  }

  get isOpen() {
    return this.#open;
  }

  open() {
    if (this.#open) return;
    this.#setOpen(true);
    // On a touch screen the keyboard would jump up and hide the greeting.
    if (isPhone()) this.#panel.focus({ preventScroll: true });
    else this.#composer.focus();
  }

  close() {
    if (!this.#open) return;
    this.#setOpen(false);
    this.#launcher.focus();
  }

  toggle() {
    if (this.#open) this.close();
    else this.open();
  }

  #build(launcher, words) {
    this.#launcher = new Launcher(this.#strings, launcher);
    this.#header = new Header(this.#strings);
    this.#transcript = new Transcript(words);
    this.#composer = new Composer(this.#strings, this.#memory.draft);
    this.#banner = new Banner(this.#strings);
    this.#panel = element(
      "section",
      { id: "panel", class: "panel", role: "dialog", tabindex: "-1", inert: true },
      this.#header.node,
      this.#banner.node,
      this.#transcript.node,
      this.#photos.node,
      this.#composer.node,
    );
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = sheets();
    root.append(this.#panel, this.#launcher.node);
  }

  #listen() {
    const session = this.#session;
    session.addEventListener("change", () => this.#show());
    session.addEventListener("notice", ({ detail }) => this.#banner.notice(detail));
    session.addEventListener("message", ({ detail: { author, sequence } }) => this.#tell("message", { author, sequence }));
    this.#launcher.addEventListener("toggle", () => this.toggle());
    this.#header.addEventListener("close", () => this.close());
    this.#header.addEventListener("person", () => this.#askForPerson());
    this.#banner.addEventListener("retry", () => session.tryNow());
    this.#transcript.addEventListener("choose", ({ detail: { message, index } }) => {
      session.choose(message, index);
      this.#focusAfterChoice();
    });
    this.#transcript.addEventListener("judge", ({ detail: { message, helped } }) => session.judge(message, helped));
    this.#transcript.addEventListener("say", ({ detail }) => {
      session.say(detail);
      this.#focusAfterChoice();
    });
    this.#transcript.addEventListener("retry", ({ detail }) => session.retry(detail));
    this.#transcript.addEventListener("discard", ({ detail }) => session.discard(detail));
    this.#composer.addEventListener("send", ({ detail }) => session.say(detail));
    this.#composer.addEventListener("photos", ({ detail }) => this.#photos.add(detail));
    this.#composer.addEventListener("typing", () => session.typing());
    this.#composer.addEventListener("draft", ({ detail }) => (this.#memory.draft = detail));
    this.#panel.addEventListener("keydown", (event) => this.#pressed(event));
    document.addEventListener("visibilitychange", () => this.#show());
    document.addEventListener("click", (event) => this.#pageClicked(event));
    followScreen(this, () => this.#open);
  }

  /** Any element of the page can open the chat by carrying `data-frontdesk-open`. */
  #pageClicked(event) {
    if (!(event.target instanceof Element) || !event.target.closest("[data-frontdesk-open]")) return;
    event.preventDefault();
    this.open();
  }

  #askForPerson() {
    this.#session.askForPerson(this.#strings.talkToPerson);
    this.#transcript.toEnd();
    this.#focusAfterChoice();
  }

  /** The pressed button is gone, and focus must not fall out of the panel with it. */
  #focusAfterChoice() {
    if (isPhone()) this.#transcript.focus();
    else this.#composer.focus();
  }

  #setOpen(open) {
    this.#open = open;
    this.#memory.open = open;
    this.toggleAttribute("open", open);
    this.#panel.inert = !open;
    this.#panel.setAttribute("aria-modal", String(open && isPhone()));
    if (open) {
      this.#session.start();
      this.#composer.shown();
      this.#transcript.toEnd();
    }
    this.#show();
    this.#tell(open ? "open" : "close", {});
  }

  #show() {
    const session = this.#session;
    const { conversation } = session;
    const title = this.#givenTitle ?? session.shop ?? this.#strings.shop;
    if (this.#open && session.live && document.visibilityState === "visible") session.markSeen();
    this.#panel.setAttribute("aria-label", this.#strings.panel(title));
    this.#header.show(session, title);
    this.#banner.show(session);
    this.#transcript.show(session);
    this.#composer.addressTo(conversation.handover === "AGENT" ? conversation.agent : null);
    this.#launcher.show({ open: this.#open, unread: session.unread });
  }

  #pressed(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    } else if (event.key === "Tab" && isPhone()) this.#keepFocusInside(event);
  }

  /** Full screen there is nothing else to see, so nothing else may be reached. */
  #keepFocusInside(event) {
    const reachable = [...this.#panel.querySelectorAll("a[href], button, input, textarea, [tabindex='0']")].filter(
      (node) => !node.matches(":disabled") && node.getClientRects().length > 0,
    );
    const edge = event.shiftKey ? reachable[0] : reachable.at(-1);
    const { activeElement } = this.shadowRoot;
    if (activeElement !== edge && !(event.shiftKey && activeElement === this.#panel)) return;
    event.preventDefault();
    (event.shiftKey ? reachable.at(-1) : reachable[0]).focus();
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`frontdesk:${name}`, { detail, bubbles: true }));
  }
}
