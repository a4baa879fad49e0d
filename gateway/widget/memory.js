/**
 * What the browser keeps between pages, separately for each server: the conversation's token, the messages not yet
 * acknowledged, the last message seen, and this tab's draft and panel. A browser that refuses storage loses only that comfort.
 */

export class Memory {
  #prefix;

  constructor(server) {
    this.#prefix = `frontdesk:${server.origin}:`;
  }

  get token() {
    return this.#read(localStorageOf(), "token");
  }

  set token(token) {
    this.#write(localStorageOf(), "token", token);
  }

  get seen() {
    return this.#read(localStorageOf(), "seen") ?? 0;
  }

  set seen(sequence) {
    this.#write(localStorageOf(), "seen", sequence);
  }

  get outbox() {
    const kept = this.#read(localStorageOf(), "outbox");
    return Array.isArray(kept) ? kept : [];
  }

  /** Another tab may have added to the list since, so it is read again before each change. */
  keepUnsent(entry) {
    this.#write(localStorageOf(), "outbox", [...this.outbox.filter(({ id }) => id !== entry.id), entry]);
  }

  forgetUnsent(id) {
    this.#write(localStorageOf(), "outbox", this.outbox.filter((entry) => entry.id !== id));
  }

  get draft() {
    return this.#read(sessionStorageOf(), "draft") ?? "";
  }

  set draft(text) {
    this.#write(sessionStorageOf(), "draft", text || null);
  }

  /** Whether the panel was open on this tab's last page. */
  get open() {
    return this.#read(sessionStorageOf(), "open") ?? false;
  }

  set open(open) {
    this.#write(sessionStorageOf(), "open", open || null);
  }

  /** Whether a `storage` event of another tab is about the named value. */
  concerns(event, name) {
    return event.key === this.#prefix + name;
  }

  #read(storage, name) {
    try {
      return JSON.parse(storage?.getItem(this.#prefix + name) ?? "null");
    } catch {
      return null;
    }
  }

  #write(storage, name, value) {
    try {
      if (value === null) storage?.removeItem(this.#prefix + name);
      else storage?.setItem(this.#prefix + name, JSON.stringify(value));
    } catch {
      // Storage is full or forbidden: the chat goes on, it only forgets at the next page.
    }
  }
}

function localStorageOf() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function sessionStorageOf() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}
