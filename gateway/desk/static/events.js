// What the socket pushes, put where it belongs.

import { alertIncoming, showCount } from "./alerts.js";
import { choose, loadQueues, markSeen, newMessages, refreshDetail } from "./deeds.js";
import { change, state, watch } from "./store.js";
import { texts } from "./texts.js";

const TYPING_LASTS_MS = 5000;
const GATHER_MS = 120;

let typingEnds;
let queueLoads;

/** Several events at once load the queue once. */
function queueChanged() {
  clearTimeout(queueLoads);
  queueLoads = setTimeout(() => loadQueues(), GATHER_MS);
}

export function onEvent(event) {
  const chosen = state.detail && event.conversation_id === state.detail.escalation.conversation_id;
  if (event.type === "queue") {
    queueChanged();
    if (state.chosenId) refreshDetail();
  } else if (event.type === "escalation") {
    queueChanged();
    if (event.escalation.id === state.chosenId) refreshDetail();
    else alertIncoming(event.escalation, () => choose(event.escalation.id));
  } else if (event.type === "conversation") {
    if (chosen) catchUp();
    if (event.live) queueChanged();
  } else if (event.type === "typing" && chosen && event.agent_id !== state.agent.id) {
    showTyping(event);
  }
}

/** Fetch what is new in the open conversation; asking for it can neither miss nor double a message. */
async function catchUp() {
  const found = await newMessages();
  if (!found.some((message) => message.author === "customer")) return;
  clearTimeout(typingEnds);
  const first = found.find((message) => message.author === "customer");
  change({ typing: null, newFrom: document.hidden ? (state.newFrom ?? first.sequence) : state.newFrom });
  markSeen();
}

function showTyping({ on, author, name }) {
  clearTimeout(typingEnds);
  const who = author === "customer" ? state.detail.escalation.customer_name : name;
  change({ typing: on ? who : null });
  if (on) typingEnds = setTimeout(() => change({ typing: null }), TYPING_LASTS_MS);
}

export function onConnection(up) {
  const back = up && !state.up;
  change({ up });
  if (!back) return;
  loadQueues();
  refreshDetail();
}

/** The tab's title counts who waits and what is unread on the agent's own desk. */
export function countInTitle() {
  watch((parts) => {
    if (!parts.has("queues")) return;
    const waiting = (state.queues.open ?? []).filter((item) => item.state === "open").length;
    const unread = (state.queues.mine ?? []).reduce((sum, item) => sum + item.unread, 0);
    showCount(waiting + unread);
  });
  document.addEventListener("visibilitychange", () => markSeen());
  document.title = texts.title;
}
