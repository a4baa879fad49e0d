// The push socket: reconnects by itself with growing, jittered pauses and says when it is up.

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const SILENCE_MS = 45_000;
const PING_EVERY_MS = 20_000;

export class Live {
  /** `onEvent(event)` gets every frame, `onState(up)` each change of the connection. */
  constructor({ onEvent, onState }) {
    this.onEvent = onEvent;
    this.onState = onState;
    this.wanted = false;
    this.tries = 0;
    addEventListener("online", () => this.hurry());
    // Without this an idle socket would look alive until its silence is noticed.
    addEventListener("offline", () => this.socket && this.closed(this.socket));
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
  }

  start() {
    this.wanted = true;
    this.connect();
  }

  stop() {
    this.wanted = false;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  send(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  hurry() {
    if (!this.wanted || this.socket?.readyState === WebSocket.OPEN) return;
    this.tries = 0;
    this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/desk/socket`);
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.tries = 0;
      this.heard();
      this.pings = setInterval(() => this.send({ type: "ping" }), PING_EVERY_MS);
      this.onState(true);
    });
    socket.addEventListener("message", (frame) => {
      this.heard();
      this.onEvent(JSON.parse(frame.data));
    });
    socket.addEventListener("close", () => this.closed(socket));
  }

  // A connection that a network has dropped silently never closes by itself.
  heard() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.closed(this.socket), SILENCE_MS);
  }

  closed(socket) {
    if (socket !== this.socket) return;
    clearTimeout(this.silence);
    clearInterval(this.pings);
    this.socket = undefined;
    socket.close();
    if (!this.wanted) return;
    this.onState(false);
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.tries++);
    this.timer = setTimeout(() => this.connect(), pause * (0.7 + Math.random() * 0.6));
  }
}
