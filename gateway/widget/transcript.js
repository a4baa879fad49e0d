/** The messages: grouped, separated by days, kept at the end unless the reader has scrolled back. */

import { choicesInCard } from "./cards/card.js";
import { element, spoken } from "./dom.js";
import { icon } from "./icons.js";
import { GROUP_MS, MessageRow } from "./message_row.js";
import { sameDay } from "./times.js";

const AT_END_PX = 48;
const ABOVE_PX = 10;

/** Events: `choose` (detail: {message, index}), `judge` (detail: {message, helped}), `say` (detail: a text), `retry` and `discard` (detail: an entry's id). */
export class Transcript extends EventTarget {
  node;
  #words;
  #scroller;
  #log;
  #choices;
  #typing;
  #blank = element("div", { class: "blank", hidden: true });
  #toEnd;
  #rows = new Map();
  #offered = null;
  #typingShown = null;
  #blankShown = null;
  #pinned = true;
  #lastTop = 0;

  constructor(words) {
    super();
    this.#words = words;
    const { strings } = words;
    this.#log = element("div", { class: "log", role: "log", "aria-live": "off", "aria-label": strings.transcript });
    this.#choices = element("div", { class: "choices", role: "group", "aria-label": strings.choices, hidden: true });
    this.#typing = element("div", { class: "row typing from-bot first last", role: "status" });
    this.#scroller = element("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": strings.transcript });
    this.#scroller.append(this.#blank, this.#log, this.#typing, this.#choices);
    const onclick = () => this.toEnd();
    this.#toEnd = element("button", { class: "to-end", type: "button", hidden: true, onclick }, icon("down"), strings.newMessages);
    this.node = element("div", { class: "transcript" }, this.#scroller, this.#toEnd);
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#pinned && this.toEnd()).observe(this.#scroller);
  }

  toEnd() {
    this.#pinned = true;
    this.#toEnd.hidden = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** Draw the session's present state. */
  show(session) {
    const { conversation } = session;
    const views = this.#views(conversation);
    const before = this.#log.lastElementChild;
    this.#showRows(views);
    this.#showBlank(views.length === 0 ? blankOf(session) : null);
    this.#showTyping(session);
    this.#showChoices(conversation.openMessage);
    // History must not be read out message by message; what comes after it must.
    if (session.live) queueMicrotask(() => this.#log.setAttribute("aria-live", "polite"));
    const added = this.#log.lastElementChild !== before;
    const own = views.at(-1)?.author === "customer";
    if (added && own) this.toEnd();
    else if (this.#pinned) this.#follow(added && session.live ? (before?.nextElementSibling ?? null) : null);
    else if (added) this.#toEnd.hidden = false;
  }

  /** Go to the end, but never past the beginning of what just arrived: a long answer is read from its top. */
  #follow(arrived) {
    const { scrollHeight, clientHeight } = this.#scroller;
    const top = arrived ? arrived.offsetTop - ABOVE_PX : Infinity;
    if (top >= scrollHeight - clientHeight) return this.toEnd();
    this.#pinned = false;
    this.#lastTop = this.#scroller.scrollTop = top;
  }

  focus() {
    this.#scroller.focus({ preventScroll: true });
  }

  #views(conversation) {
    const views = [
      ...conversation.messages.map((message) => ({
        ...message,
        key: message.client_message_id ?? `m${message.sequence}`,
        at: new Date(message.created_at),
        open: message === conversation.openMessage,
      })),
      ...conversation.unsent.map((entry) => ({
        key: entry.id,
        author: "customer",
        text: entry.text,
        at: new Date(entry.writtenAt),
        entry: { id: entry.id, state: entry.state, error: entry.error },
      })),
    ];
    const latest = views.findLast(({ author }) => author === "customer");
    if (latest) latest.receipt = receiptOf(latest, conversation);
    views.forEach((view, index) => {
      view.first = !together(views[index - 1], view);
      view.last = !together(view, views[index + 1]);
      view.newDay = index === 0 || !sameDay(views[index - 1].at, view.at);
    });
    return views;
  }

  #showRows(views) {
    const kept = new Set();
    let previous = null;
    const place = (key, make, show) => {
      const row = this.#rows.get(key) ?? make();
      this.#rows.set(key, row);
      kept.add(key);
      show(row);
      const following = previous ? previous.nextSibling : this.#log.firstChild;
      if (row.node !== following) this.#log.insertBefore(row.node, following);
      previous = row.node;
    };
    for (const view of views) {
      if (view.newDay) this.#placeDay(view, place);
      const make = () => new MessageRow(this.#words, (what, detail) => this.#say(what, detail));
      place(view.key, make, (row) => row.show(view));
    }
    for (const [key, row] of this.#rows) {
      if (kept.has(key)) continue;
      row.node.remove();
      this.#rows.delete(key);
    }
  }

  #placeDay({ at }, place) {
    const make = () => ({ node: element("p", { class: "day" }) });
    place(`day ${at.toDateString()}`, make, ({ node }) => {
      const label = this.#words.times.day(at);
      if (node.textContent !== label) node.textContent = label;
    });
  }

  /** What stands where no message is yet: the shape of one to come, or what there is to say. */
  #showBlank(which) {
    if (which === this.#blankShown) return;
    this.#blankShown = which;
    this.#blank.hidden = which === null;
    const { strings } = this.#words;
    const words = { unreachable: strings.blankUnreachable, empty: strings.blank }[which];
    this.#blank.replaceChildren(words ? element("p", {}, words) : element("div", { class: "ghosts", "aria-hidden": "true" }, element("i"), element("i")));
  }

  #showTyping({ typingAuthor, conversation }) {
    if (typingAuthor === this.#typingShown) return;
    this.#typingShown = typingAuthor;
    this.#typing.replaceChildren();
    if (typingAuthor === null) return;
    const { strings } = this.#words;
    const who = typingAuthor === "bot" ? strings.bot : (conversation.agent ?? strings.agent);
    this.#typing.append(
      element("div", { class: "bubble dots" }, spoken(strings.typing(who)), ...[1, 2, 3].map(() => element("i"))),
    );
  }

  /** What can be tapped below the last message; choices that its card offers are not offered twice. */
  #showChoices(message) {
    const inCard = message ? choicesInCard(message) : 0;
    const offered = (message?.choices ?? []).map(({ title }, index) => ({ title, index })).slice(inCard);
    const shown = offered.length > 0 ? message.sequence : null;
    if (shown === this.#offered) return;
    this.#offered = shown;
    this.#choices.hidden = shown === null;
    const buttons = offered.map(({ title, index }) => {
      const onclick = () => this.#say("choose", { message, index });
      return element("button", { type: "button", class: "choice", dir: "auto", onclick }, title);
    });
    this.#choices.replaceChildren(...buttons);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (scrollHeight - clientHeight - scrollTop < AT_END_PX) {
      this.#pinned = true;
      this.#toEnd.hidden = true;
    } else if (scrollTop < this.#lastTop) {
      // Only the reader scrolls back; a field that grows or a keyboard that opens must not let go of the end.
      this.#pinned = false;
    }
    this.#lastTop = scrollTop;
  }

  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function blankOf({ live, connectionState }) {
  if (live) return "empty";
  return connectionState === "waiting" ? "unreachable" : "coming";
}

/** Only with people does it matter what became of one's last message: the bot answers. */
function receiptOf({ sequence, entry }, { handover, seen }) {
  if (entry || (handover !== "AGENT" && handover !== "WAITING")) return null;
  return handover === "AGENT" && seen.agent >= sequence ? "seen" : "delivered";
}

function together(one, other) {
  if (!one || !other) return false;
  if (one.author !== other.author || (one.name ?? null) !== (other.name ?? null)) return false;
  if (one.author === "system" || one.entry?.state === "failed") return false;
  return sameDay(one.at, other.at) && other.at - one.at < GROUP_MS;
}
