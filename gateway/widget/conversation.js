/**
 * What is known of a conversation: the messages the server numbered, and the customer's own that wait for a number.
 *
 * Sequences begin at 1 and have no gaps, so message n is at index n - 1 and the length is the last contiguous sequence.
 * A message of one's own appears once whether its acknowledgement, its echo, or both arrive, in any order and however
 * often, because its `client_message_id` leads back to the entry it came from.
 */

export class Conversation {
  id = null;
  messages = [];
  /** Own entries without a place yet: {id, kind, text, of, choice, writtenAt, state: queued|sending|failed, error} */
  unsent = [];
  handover = "BOT";
  agent = null;
  place = null;
  /** How far each side has read, as the server knows it. */
  seen = { customer: 0, agent: 0 };
  #memory;
  /** Entries the server took under a number that is still ahead of what arrived here. */
  #ahead = new Map();

  constructor(memory) {
    this.#memory = memory;
    this.unsent = memory.outbox.map((entry) => ({ ...entry, state: entry.error ? "failed" : "queued" }));
  }

  get lastSequence() {
    return this.messages.length;
  }

  get lastMessage() {
    return this.messages.at(-1) ?? null;
  }

  /** Begin again with nothing: what was written but never taken is kept, answers to a vanished question are not. */
  reset(id) {
    this.id = id;
    this.messages = [];
    this.#ahead.clear();
    this.handover = "BOT";
    this.agent = this.place = null;
    this.seen = { customer: 0, agent: 0 };
    for (const entry of this.unsent.filter(({ kind }) => kind === "choose")) this.discard(entry.id);
  }

  /** Take a message of the server. Returns "new", "known", or "gap" when one before it is missing (nothing is taken). */
  receive(message) {
    const { sequence, client_message_id: clientId } = message;
    if (!Number.isInteger(sequence) || sequence > this.lastSequence + 1) return "gap";
    if (clientId) this.#forget(clientId);
    if (sequence <= this.lastSequence) {
      this.messages[sequence - 1] = message;
      return "known";
    }
    this.#ahead.delete(sequence);
    this.messages.push(message);
    this.#takeFromAhead();
    return "new";
  }

  /** The server stored an entry as message number `sequence`. */
  acknowledged(clientId, sequence) {
    const entry = this.entry(clientId);
    if (!entry) return;
    this.#memory.forgetUnsent(clientId);
    if (!Number.isInteger(sequence) || sequence <= this.lastSequence) return this.#forget(clientId);
    this.#ahead.set(sequence, entry);
    this.#takeFromAhead();
  }

  /** What the customer said of an answer, here or in another tab. */
  judged({ sequence, helped }) {
    const message = this.messages[sequence - 1];
    if (message?.attachment) message.attachment = { ...message.attachment, helped };
  }

  add(entry) {
    this.unsent.push(entry);
    this.#keep(entry);
  }

  entry(id) {
    return this.unsent.find((entry) => entry.id === id) ?? null;
  }

  /** Entries that may be sent now: neither refused nor already taken. */
  get sendable() {
    const taken = new Set([...this.#ahead.values()].map(({ id }) => id));
    return this.unsent.filter(({ id, state }) => state !== "failed" && !taken.has(id));
  }

  fail(id, error) {
    const entry = this.entry(id);
    if (!entry) return;
    Object.assign(entry, { state: "failed", error });
    this.#keep(entry);
  }

  requeue(id) {
    const entry = this.entry(id);
    if (!entry) return;
    Object.assign(entry, { state: "queued", error: null, tries: 0 });
    this.#keep(entry);
  }

  discard(id) {
    this.#forget(id);
  }

  /** The message that can be answered by a tap: the last one, while nothing of one's own is under way. */
  get openMessage() {
    return this.unsent.some(({ state }) => state !== "failed") ? null : this.lastMessage;
  }

  unreadSince(sequence) {
    return this.messages.slice(sequence).filter(({ author }) => author !== "customer").length;
  }

  #takeFromAhead() {
    for (let entry; (entry = this.#ahead.get(this.lastSequence + 1)); ) {
      this.#ahead.delete(this.lastSequence + 1);
      this.#forget(entry.id);
      this.messages.push(asMessage(entry, this.lastSequence + 1));
    }
  }

  #keep({ id, kind, text, of, choice, writtenAt, error }) {
    this.#memory.keepUnsent({ id, kind, text, of, choice, writtenAt, error });
  }

  #forget(id) {
    if (!this.entry(id)) return;
    this.unsent = this.unsent.filter((entry) => entry.id !== id);
    this.#memory.forgetUnsent(id);
  }
}

/** An acknowledged entry as the server will repeat it, until it does. */
function asMessage({ id, text, writtenAt }, sequence) {
  return {
    sequence,
    author: "customer",
    name: null,
    text,
    created_at: writtenAt,
    client_message_id: id,
    choices: [],
    attachment: null,
  };
}
