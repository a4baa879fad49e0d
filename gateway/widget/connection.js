/**
 * One socket that comes back: exponential back-off with jitter, a heartbeat that notices a dead line, and an immediate
 * try when the network or the page returns. It knows frames, not conversations.
 *
 * Events: `open`, `frame` (detail: the parsed frame), `change` (after `state` changed).
 */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 25_000;
const SILENCE_MS = 10_000;

/** How long to wait before try number `attempt` (from 0): at least half of the doubled delay, the rest by chance. */
export function backOff(attempt, chance = Math.random()) {
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return longest / 2 + (longest / 2) * chance;
}

export class Connection extends EventTarget {
  /** `idle` (not wanted), `connecting`, `open`, or `waiting` for the next try. */
  state = "idle";
  #url;
  #socket = null;
  #attempt = 0;
  #retryTimer = 0;
  #connectTimer = 0;
  #heartbeatTimer = 0;
  #silenceTimer = 0;

  constructor(url) {
    super();
    this.#url = url;
    window.addEventListener("online", () => this.nudge());
    window.addEventListener("offline", () => this.dispatchEvent(new Event("change")));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.nudge();
    });
    // A page in the back-forward cache must not hold a socket; it connects anew when it is shown again.
    window.addEventListener("pagehide", () => this.#drop(this.state === "idle" ? "idle" : "waiting"));
    window.addEventListener("pageshow", (event) => event.persisted && this.nudge());
  }

  start() {
    if (this.state === "idle") this.#connect();
  }

  /** Give the present socket up and connect at once, keeping the count of tries. */
  restart() {
    if (this.state === "idle") return;
    this.#drop("waiting");
    this.#connect();
  }

  /** Like restart, but by the back-off: for a server that answers and refuses. */
  restartLater() {
    if (this.state === "idle") return;
    this.#drop("waiting");
    this.#retry();
  }

  /** Something suggests that now is a good moment: try at once, or prove that the open line is alive. */
  nudge() {
    if (this.state === "waiting") {
      this.#attempt = 0;
      this.#connect();
    } else if (this.state === "open") this.#ping();
  }

  /** The server welcomed us, so the next loss starts with short delays again. */
  settled() {
    this.#attempt = 0;
  }

  /** Returns whether the frame went to an open socket; being read is only proven by an acknowledgement. */
  send(frame) {
    if (this.state !== "open") return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#enter("connecting");
    this.#connectTimer = setTimeout(() => this.#lost(socket), CONNECT_TIMEOUT_MS);
    socket.addEventListener("open", () => this.#opened(socket));
    socket.addEventListener("message", (event) => this.#heard(socket, event.data));
    socket.addEventListener("close", () => this.#lost(socket));
  }

  #opened(socket) {
    if (socket !== this.#socket) return;
    clearTimeout(this.#connectTimer);
    this.#heartbeatTimer = setInterval(() => this.#ping(), HEARTBEAT_MS);
    this.#enter("open");
    this.dispatchEvent(new Event("open"));
  }

  #heard(socket, data) {
    if (socket !== this.#socket) return;
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = 0;
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (frame && typeof frame === "object") this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  #ping() {
    if (!this.send({ type: "ping" }) || this.#silenceTimer) return;
    this.#silenceTimer = setTimeout(() => this.restart(), SILENCE_MS);
  }

  #lost(socket) {
    if (socket !== this.#socket) return;
    this.#drop("waiting");
    this.#retry();
  }

  #retry() {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#connect(), backOff(this.#attempt));
    this.#attempt += 1;
  }

  #drop(state) {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#connectTimer);
    clearTimeout(this.#silenceTimer);
    clearInterval(this.#heartbeatTimer);
    this.#silenceTimer = 0;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#enter(state);
  }

  #enter(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}
