/**
 * The chat protocol, version 1 (docs/protocol.md): says hello, resumes where it stopped, sends what waits, and
 * keeps the conversation true to the server. The view reads it and calls it; it never reads the view.
 *
 * Events: `change` (anything visible changed), `message` (detail: a message that just arrived, not history),
 * `notice` (detail: a sentence of the server that belongs to no message).
 */

import { Connection } from "./connection.js";
import { Conversation } from "./conversation.js";

const PROTOCOL = 1;
const ACKNOWLEDGE_MS = 12_000;
const TRIES = 3;
const TYPING_EVERY_MS = 3_000;
const SEEN_AFTER_MS = 1_000;
const TYPING_SHOWN_MS = { bot: 60_000, agent: 8_000 };
/** What a retry cannot mend. */
export const FINAL_ERRORS = new Set(["expired_choice", "too_long", "bad_frame"]);

export class ChatSession extends EventTarget {
  shop = null;
  /** Whether the server's side of the conversation is all here. */
  live = false;
  /** Who is typing at the other end: "bot", "agent" or null. */
  typingAuthor = null;
  conversation;
  #memory;
  #connection;
  #page;
  #greetedWith = null;
  #gapAfter = null;
  #typingTimer = 0;
  #typingSentAt = 0;
  #seenTimer = 0;
  #changed = false;

  constructor({ server, memory, page }) {
    super();
    this.#memory = memory;
    this.#page = page;
    this.conversation = new Conversation(memory);
    const address = new URL("api/chat/socket", server);
    address.protocol = address.protocol.replace("http", "ws");
    this.#connection = new Connection(address);
    this.#connection.addEventListener("open", () => this.#hello());
    this.#connection.addEventListener("frame", ({ detail }) => this.#take(detail));
    this.#connection.addEventListener("change", () => {
      if (this.#connection.state !== "open") this.#interrupted();
      this.#change();
    });
    window.addEventListener("storage", (event) => this.#otherTab(event));
  }

  get connectionState() {
    return this.#connection.state;
  }

  get knownHere() {
    return this.#memory.token !== null;
  }

  get unread() {
    const { seen, lastSequence } = this.conversation;
    return this.conversation.unreadSince(Math.min(Math.max(this.#memory.seen, seen.customer), lastSequence));
  }

  start() {
    this.#connection.start();
  }

  tryNow() {
    this.#connection.nudge();
  }

  say(text) {
    this.#write({ kind: "message", text });
  }

  choose(message, choice) {
    this.#write({ kind: "choose", text: message.choices[choice].title, of: message.sequence, choice });
  }

  /** Whether the answer in a message helped; it is shown when the server has kept it. */
  judge({ sequence }, helped) {
    this.#connection.send({ type: "judge", sequence, helped });
  }

  askForPerson(text) {
    this.#write({ kind: "talk_to_person", text });
  }

  get askedForPerson() {
    return this.conversation.unsent.some(({ kind, state }) => kind === "talk_to_person" && state !== "failed");
  }

  retry(id) {
    this.conversation.requeue(id);
    this.#sendWaiting();
    this.#change();
  }

  discard(id) {
    this.conversation.discard(id);
    this.#change();
  }

  /** Only a person cares that the customer is typing. */
  typing() {
    const { handover } = this.conversation;
    if (handover !== "AGENT" && handover !== "WAITING") return;
    if (Date.now() - this.#typingSentAt < TYPING_EVERY_MS) return;
    if (this.#connection.send({ type: "typing" })) this.#typingSentAt = Date.now();
  }

  markSeen() {
    this.#tellSeen();
    if (this.#memory.seen === this.conversation.lastSequence) return;
    this.#memory.seen = this.conversation.lastSequence;
    this.#change();
  }

  /** Messages come in bursts: the server, and through it other devices and the agent, hear once of each. */
  #tellSeen() {
    if (this.#seenTimer || this.conversation.seen.customer >= this.conversation.lastSequence) return;
    this.#seenTimer = setTimeout(() => {
      this.#seenTimer = 0;
      const sequence = this.#memory.seen;
      if (this.live && sequence > this.conversation.seen.customer) this.#connection.send({ type: "seen", sequence });
    }, SEEN_AFTER_MS);
  }

  #write(content) {
    const entry = { id: newId(), writtenAt: new Date().toISOString(), state: "queued", error: null, ...content };
    this.conversation.add(entry);
    this.#connection.start();
    this.#sendWaiting();
    this.#change();
  }

  #hello() {
    this.#greetedWith = this.#memory.token;
    this.#connection.send({
      type: "hello",
      protocol: PROTOCOL,
      token: this.#greetedWith,
      last_sequence: this.conversation.lastSequence,
      page: this.#page(),
    });
  }

  #take(frame) {
    const take = {
      welcome: () => this.#welcome(frame),
      message: () => this.#message(frame),
      state: () => this.#state(frame),
      ack: () => this.conversation.acknowledged(frame.client_message_id, frame.sequence),
      judged: () => this.conversation.judged(frame),
      typing: () => this.#showTyping(frame.on ? frame.author : null),
      error: () => this.#error(frame),
    }[frame.type];
    if (!take) return;
    take();
    this.#change();
  }

  #welcome({ token, conversation_id: id, shop }) {
    if (token) this.#memory.token = token;
    this.shop = shop ?? this.shop;
    if (this.conversation.id !== null && this.conversation.id !== id) this.#beginAgain();
    this.conversation.id = id;
  }

  #message(message) {
    const outcome = this.conversation.receive(message);
    // Nothing can be asked for singly: a hello with the last contiguous sequence brings all that is missing.
    if (outcome === "gap") return this.#missing();
    if (outcome === "known") return;
    if (message.author === this.typingAuthor) this.#showTyping(null);
    if (this.live) this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  #missing() {
    const again = this.#gapAfter === this.conversation.lastSequence;
    this.#gapAfter = this.conversation.lastSequence;
    if (again) this.#connection.restartLater();
    else this.#connection.restart();
  }

  #state({ handover, agent, place, seen }) {
    Object.assign(this.conversation, { handover, agent: agent ?? null, place: place ?? null });
    if (seen) this.conversation.seen = seen;
    if (this.live) return;
    // The first state ends the replay; only now is it known which of the waiting messages the server already has.
    this.live = true;
    this.#connection.settled();
    this.#sendWaiting();
  }

  #error({ code, text, client_message_id: id }) {
    if (code === "unknown_token") return this.#unknownToken();
    if (id) {
      const entry = this.conversation.entry(id);
      this.conversation.fail(id, { code, text });
      if (entry) clearTimeout(entry.timer);
    } else if (text) this.dispatchEvent(new CustomEvent("notice", { detail: text }));
  }

  #unknownToken() {
    const refused = this.#greetedWith;
    if (refused === null) return this.#connection.restartLater();
    // Another tab may have begun a new conversation meanwhile; its token must survive.
    if (this.#memory.token === refused) this.#memory.token = null;
    this.#beginAgain();
    this.#connection.restart();
  }

  #beginAgain() {
    this.#memory.seen = 0;
    this.conversation.reset(null);
  }

  #otherTab(event) {
    if (this.#memory.concerns(event, "seen")) this.#change();
    if (!this.#memory.concerns(event, "token") || this.#memory.token === null) return;
    if (this.#memory.token === this.#greetedWith || this.#connection.state === "idle") return;
    this.conversation.reset(null);
    this.#connection.restart();
  }

  #interrupted() {
    this.live = false;
    this.#showTyping(null);
    for (const entry of this.conversation.unsent) {
      clearTimeout(entry.timer);
      if (entry.state === "sending") entry.state = "queued";
    }
  }

  #sendWaiting() {
    if (!this.live) return;
    for (const entry of this.conversation.sendable) {
      if (entry.state === "sending" || !this.#connection.send(asFrame(entry))) continue;
      entry.state = "sending";
      entry.tries = (entry.tries ?? 0) + 1;
      entry.timer = setTimeout(() => this.#unanswered(entry), ACKNOWLEDGE_MS);
    }
  }

  /** A line that takes messages and acknowledges none is as good as lost; after a few, the customer decides. */
  #unanswered(entry) {
    if (this.conversation.entry(entry.id) !== entry || !this.conversation.sendable.includes(entry)) return;
    if (entry.tries >= TRIES) this.conversation.fail(entry.id, { code: "unanswered", text: null });
    else this.#connection.restart();
    this.#change();
  }

  #showTyping(author) {
    clearTimeout(this.#typingTimer);
    this.typingAuthor = author;
    if (author === null) return;
    this.#typingTimer = setTimeout(() => {
      this.typingAuthor = null;
      this.#change();
    }, TYPING_SHOWN_MS[author] ?? TYPING_SHOWN_MS.agent);
  }

  /** Many frames arrive together at a resume; the view hears of them once. */
  #change() {
    if (this.#changed) return;
    this.#changed = true;
    queueMicrotask(() => {
      this.#changed = false;
      this.dispatchEvent(new Event("change"));
    });
  }
}

function asFrame({ id, kind, text, of, choice }) {
  const frame = { type: kind, client_message_id: id };
  if (kind === "message") return { ...frame, text };
  if (kind === "choose") return { ...frame, sequence: of, choice };
  return frame;
}

/** A UUID; `randomUUID` is missing on pages served without TLS. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
