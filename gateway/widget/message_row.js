/** One message on the screen: bubble, card, and below them its time or what became of it. */

import { card, choicesInCard } from "./cards/card.js";
import { element, spoken } from "./dom.js";
import { icon } from "./icons.js";
import { linked } from "./links.js";
import { FINAL_ERRORS } from "./session.js";

/** Messages of one author belong together when no more than this lies between them. */
export const GROUP_MS = 5 * 60_000;

/**
 * A row stays the same element from "sending" to "sent", so a screen reader reads it once and nothing jumps; only what
 * changed is drawn anew. `view` is {author, name, text, at, attachment, choices, first, last, open, entry, receipt}.
 */
export class MessageRow {
  node = element("div", { class: "row" });
  #words;
  #act;
  #content = null;
  #below = null;
  #card = null;

  /**
   * `act` is called with "retry" or "discard" and the entry's id, "choose" and {message, index}, "judge" and
   * {message, helped}, or "say" and a text.
   */
  constructor(words, act) {
    this.#words = words;
    this.#act = act;
  }

  show(view) {
    const { author, first, last, entry } = view;
    const place = [first ? "first" : "", last ? "last" : "", entry ? `is-${entry.state}` : ""];
    const name = ["row", `from-${author}`, ...place].filter(Boolean).join(" ");
    if (this.node.className !== name) this.node.className = name;
    const content = JSON.stringify([author, view.name, view.text, { ...view.attachment, helped: undefined }, first]);
    const below = JSON.stringify([view.at, last, entry?.state, entry?.error, view.receipt, this.#words.online()]);
    if (content !== this.#content) this.node.replaceChildren(...this.#drawn(view), this.#drawnBelow(view));
    else if (below !== this.#below) this.node.lastChild.replaceWith(this.#drawnBelow(view));
    this.#card?.show(view.open ?? false, view);
    this.#content = content;
    this.#below = below;
  }

  #drawn(view) {
    const { author, name, text, choices, first } = view;
    const { strings } = this.#words;
    const who = { customer: strings.you, bot: strings.bot, agent: name ?? strings.agent }[author];
    const parts = [];
    if (author === "agent" && first) parts.push(element("p", { class: "name", "aria-hidden": "true" }, who));
    if (author !== "customer" && author !== "system") parts.push(portrait(author, who));
    if (text) {
      const prefix = spoken(who ? strings.said(who) : strings.note);
      const beside = (choices ?? []).slice(choicesInCard(view));
      const suffix = beside.length ? spoken(strings.choicesSpoken(beside.map(({ title }) => title))) : null;
      parts.push(element("div", { class: "bubble", dir: "auto" }, prefix, linked(text), suffix));
    }
    const answer = (what, detail) => this.#act(what, what === "say" ? detail : { message: view, [what === "judge" ? "helped" : "index"]: detail });
    this.#card = card(view, this.#words, answer);
    if (this.#card) parts.push(this.#card.node);
    return parts;
  }

  #drawnBelow({ author, at, last, entry, receipt }) {
    const { strings, times } = this.#words;
    if (entry?.state === "failed") return this.#failure(entry);
    if (entry) return element("p", { class: "below" }, this.#words.online() ? strings.sending : strings.queued);
    if ((!last && !receipt) || author === "system") return element("p", { class: "below", hidden: true });
    const time = element("time", { datetime: at.toISOString() }, times.clock(at));
    return element("p", { class: "below" }, time, receipt ? ` · ${strings[receipt]}` : null);
  }

  #failure({ id, error }) {
    const { strings } = this.#words;
    const act = (what) => () => this.#act(what, id);
    const retry = FINAL_ERRORS.has(error?.code)
      ? null
      : element("button", { type: "button", onclick: act("retry") }, strings.retry);
    return element(
      "div",
      { class: "below failure" },
      element("p", {}, icon("alert"), error?.text ?? strings.failed),
      element("p", {}, retry, element("button", { type: "button", onclick: act("discard") }, strings.discard)),
    );
  }
}

function portrait(author, who) {
  const inside = author === "bot" ? icon("chat") : Array.from(who)[0].toUpperCase();
  return element("span", { class: "portrait", "aria-hidden": "true" }, inside);
}
