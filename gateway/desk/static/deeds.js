// What an agent does, from the button or the key to the server and back into the store.

import * as api from "./api.js";
import { showResolve } from "./dialogs.js";
import { change, myName, standing, state } from "./store.js";
import { fill, texts } from "./texts.js";
import { dismissToasts, toast } from "./toasts.js";

const RETRY_AFTER_MS = 1500;

let opening = Promise.resolve();
let sessionEnded = () => {};
export function whenSessionEnds(listener) {
  sessionEnded = listener;
}

function complain(error) {
  if (error.status === 401) sessionEnded();
  else toast(error.message, { tone: "bad" });
}

/** Load one tab, or all of them; a failure is said once and leaves the old list. */
export async function loadQueues(tabs = ["open", "mine", state.tab]) {
  try {
    const wanted = [...new Set(tabs)];
    const answers = await Promise.all(wanted.map((tab) => api.queue(tab)));
    const queues = { ...state.queues };
    wanted.forEach((tab, position) => {
      queues[tab] = answers[position].escalations;
    });
    change({ queues, queueProblem: null });
  } catch (error) {
    if (error.status === 401) sessionEnded();
    else if (state.queues[state.tab] === null) change({ queueProblem: error.message });
    else if (state.up) complain(error);
  }
}

export function chooseTab(tab) {
  change({ tab });
  loadQueues([tab]);
}

/** Show a conversation; the newest choice wins however the answers arrive. */
export async function choose(id) {
  dismissToasts(id);
  if (id === state.chosenId && state.detail) {
    change({ view: "talk" });
    return;
  }
  change({ chosenId: id, view: "talk", detail: null, problem: null, pending: [], newFrom: null, typing: null, busy: null });
  opening = refreshDetail();
  await opening;
}

/** Wait until the chosen conversation is there, so that a quick J, T takes it; false if another was chosen. */
async function opened() {
  const id = state.chosenId;
  await opening;
  return state.detail !== null && state.chosenId === id;
}

export async function refreshDetail() {
  const id = state.chosenId;
  if (!id) return;
  try {
    const detail = await api.escalation(id);
    if (state.chosenId !== id) return;
    const first = state.detail === null;
    change({ detail, problem: null, pending: unsent(detail.transcript), newFrom: first ? firstUnread(detail) : state.newFrom });
    markSeen();
  } catch (error) {
    if (state.chosenId !== id) return;
    if (state.detail !== null || error.status === 401) complain(error);
    else change({ problem: error.message });
  }
}

/** Try again to show what could not be shown. */
export function reopen() {
  change({ problem: null });
  opening = refreshDetail();
}

function unsent(transcript) {
  const stored = new Set(transcript.map((message) => message.client_message_id));
  return state.pending.filter((message) => !stored.has(message.client_message_id));
}

function firstUnread({ escalation, transcript }) {
  if (escalation.unread === 0) return null;
  const customers = transcript.filter((message) => message.author === "customer");
  return customers.at(-escalation.unread)?.sequence ?? null;
}

/** Tell the server that the holder has read this far, as long as the page is looked at. */
export function markSeen() {
  const { detail } = state;
  if (!detail || document.hidden || standing(detail.escalation) !== "mine") return;
  const last = detail.transcript.at(-1)?.sequence ?? 0;
  if (last <= detail.escalation.seen_sequence) return;
  detail.escalation.seen_sequence = last;
  const queues = { ...state.queues };
  queues.mine = queues.mine?.map((item) => (item.id === detail.escalation.id ? { ...item, unread: 0 } : item)) ?? null;
  change({ queues });
  api.seen(detail.escalation.id, last).catch(() => {
    detail.escalation.seen_sequence = 0;
  });
}

async function act(name, run, { tab = null, done }) {
  if (!state.detail || state.busy) return;
  const { id, customer_name: customer } = state.detail.escalation;
  change({ busy: name });
  try {
    await run(id);
    if (tab) change({ tab });
    if (done) toast(fill(done, { name: customer }));
  } catch (error) {
    complain(error);
  } finally {
    change({ busy: null });
    await Promise.all([refreshDetail(), loadQueues()]);
  }
}

export async function take() {
  if (!(await opened()) || standing(state.detail.escalation) !== "open") return;
  await act("take", api.take, { tab: "mine" });
}

/** Whether the chosen conversation can be ended: it is the agent's, and nothing is left unsent. */
async function mayEnd() {
  if (!(await opened()) || standing(state.detail.escalation) !== "mine") return false;
  if (state.pending.length === 0) return true;
  toast(texts.errors.unsent, { tone: "bad" });
  return false;
}

export async function handBack() {
  if (await mayEnd()) {
    act("hand-back", api.handBack, { done: texts.done.handedBack });
  }
}

export async function resolve() {
  if (!(await mayEnd())) return;
  showResolve((note) => act("resolve", (id) => api.resolve(id, note || null), { done: texts.done.resolved }));
}

/** Show the message at once, then send it; taking the conversation over first where it waits. */
export async function send(text) {
  const message = {
    client_message_id: crypto.randomUUID().replaceAll("-", ""),
    author: "agent",
    name: myName(),
    text,
    created_at: new Date().toISOString(),
    attachment: null,
    state: "sending",
    fresh: true,
  };
  change({ pending: [...state.pending, message], newFrom: null });
  await deliver(state.detail.escalation.id, message.client_message_id);
}

/** A lost connection is tried once more: the id lets the server store the message only once. */
async function replyPatiently(id, clientMessageId, text) {
  try {
    return await api.reply(id, clientMessageId, text);
  } catch (error) {
    if (error.code !== "offline") throw error;
    await new Promise((resume) => setTimeout(resume, RETRY_AFTER_MS));
    return api.reply(id, clientMessageId, text);
  }
}

export async function retry(clientMessageId) {
  patchPending(clientMessageId, { state: "sending", problem: null });
  await deliver(state.detail.escalation.id, clientMessageId);
}

export function discard(clientMessageId) {
  change({ pending: state.pending.filter((message) => message.client_message_id !== clientMessageId) });
}

function patchPending(clientMessageId, patch) {
  change({
    pending: state.pending.map((message) =>
      message.client_message_id === clientMessageId ? { ...message, ...patch } : message),
  });
}

async function deliver(id, clientMessageId) {
  const message = state.pending.find((one) => one.client_message_id === clientMessageId);
  if (!message) return;
  try {
    if (standing(state.detail.escalation) === "open") {
      await api.take(id);
      change({ tab: "mine" });
      loadQueues();
    }
    const answer = await replyPatiently(id, clientMessageId, message.text);
    if (state.chosenId !== id) return;
    addMessages([answer.message]);
    if (standing(state.detail.escalation) !== "mine") await refreshDetail();
  } catch (error) {
    if (error.status === 401) sessionEnded();
    if (state.chosenId === id) patchPending(clientMessageId, { state: "failed", problem: error.message });
    else toast(error.message, { tone: "bad" });
    if (error.status === 409) await refreshDetail();
  }
}

/** Fetch what was said since the last message shown; returns it. */
export async function newMessages() {
  const { escalation, transcript } = state.detail;
  try {
    const { messages, customer_saw: saw } = await api.messages(escalation.id, transcript.at(-1)?.sequence ?? 0);
    if (state.detail?.escalation.id !== escalation.id) return [];
    if (saw !== state.detail.customer_saw) change({ detail: { ...state.detail, customer_saw: saw } });
    addMessages(messages);
    return messages;
  } catch (error) {
    if (error.status === 401) sessionEnded();
    return [];
  }
}

/** Put stored messages into the open transcript, once, whichever way they came. */
function addMessages(messages) {
  const { detail } = state;
  const known = new Set(detail.transcript.map((message) => message.sequence));
  const fresh = messages.filter((message) => !known.has(message.sequence));
  if (fresh.length === 0) return;
  const transcript = [...detail.transcript, ...fresh].sort((a, b) => a.sequence - b.sequence);
  change({ detail: { ...detail, transcript }, pending: unsent(transcript) });
}
