/** Who one is talking with, how to reach a person, and the way out. */

import { element } from "./dom.js";
import { icon } from "./icons.js";

/** Events: `person`, `close`. */
export class Header extends EventTarget {
  node;
  #strings;
  #title;
  #status;
  #mark;
  #person;
  #personWords;

  constructor(strings) {
    super();
    this.#strings = strings;
    this.#mark = element("span", { class: "mark", "aria-hidden": "true" });
    this.#title = element("h2", { id: "title" });
    this.#status = element("p", { class: "status-line", role: "status" });
    this.#personWords = element("span");
    const say = (type) => () => this.dispatchEvent(new Event(type));
    this.#person = element("button", { class: "person", type: "button", onclick: say("person") }, icon("person"), this.#personWords);
    this.node = element(
      "header",
      { class: "head" },
      this.#mark,
      element("div", { class: "head-words" }, this.#title, this.#status),
      element("button", { class: "quiet-button", type: "button", "aria-label": strings.close, title: strings.close, onclick: say("close") }, icon("down")),
      this.#person,
    );
  }

  show(session, title) {
    const { handover, agent } = session.conversation;
    const strings = this.#strings;
    write(this.#title, title);
    write(this.#status, statusOf(session, strings));
    write(this.#mark, initialsOf(handover === "AGENT" && agent ? agent : title));
    this.node.dataset.presence = presenceOf(session);
    const asked = session.askedForPerson || handover === "WAITING";
    this.#person.disabled = asked;
    this.#person.hidden = handover === "AGENT";
    write(this.#personWords, asked ? strings.talkToPersonAsked : strings.talkToPerson);
  }
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function presenceOf({ live, conversation }) {
  if (!live) return "away";
  return { WAITING: "waiting", AGENT: "agent", CLOSED: "closed" }[conversation.handover] ?? "here";
}

function statusOf({ live, connectionState, conversation }, strings) {
  if (!live && connectionState === "waiting") return strings.statusOffline;
  if (!live && conversation.id === null) return strings.statusConnecting;
  const { handover, agent, place } = conversation;
  if (handover === "AGENT") return strings.statusAgent(agent);
  if (handover === "CLOSED") return strings.statusClosed;
  if (handover !== "WAITING") return strings.statusBot;
  if (place === 1) return strings.statusNext;
  return place ? strings.statusPlace(place) : strings.statusWaiting;
}

/** Two letters for a shop ("Maple & Moor" is MM), one for a person. */
function initialsOf(name) {
  const words = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words.slice(0, 1);
  return letters.map((word) => Array.from(word)[0].toUpperCase()).join("");
}
