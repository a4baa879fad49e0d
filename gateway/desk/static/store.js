// What the desk knows. Views read `state` and are told which part of it has changed.

export const state = {
  agent: null,
  up: true,
  tab: "open",
  view: "list",
  queues: { open: null, mine: null, closed: null },
  // Why the first look at the queue failed, as a sentence; later failures leave the old list.
  queueProblem: null,
  chosenId: null,
  // The chosen escalation as the server told it, plus what this browser has not sent yet.
  detail: null,
  // Why the chosen escalation could not be shown, as a sentence.
  problem: null,
  pending: [],
  newFrom: null,
  typing: null,
  busy: null,
};

const listeners = new Set();

/** Call `listener(parts)` after each change; `parts` is the set of changed keys. */
export function watch(listener) {
  listeners.add(listener);
}

export function change(patch) {
  Object.assign(state, patch);
  const parts = new Set(Object.keys(patch));
  for (const listener of listeners) listener(parts);
}

/** What customers call this agent. */
export const myName = () => state.agent.name.split(" ")[0];

/** Who may answer the chosen conversation: "mine", "open", "colleague", "bot" or "ended". */
export function standing(escalation) {
  if (escalation.state === "open") return "open";
  if (escalation.state === "taken") return escalation.agent?.id === state.agent.id ? "mine" : "colleague";
  return escalation.state === "handed_back" ? "bot" : "ended";
}

/** The conversations of a tab in the order they are shown: those of colleagues last. */
export function listed(tab = state.tab) {
  const all = state.queues[tab] ?? [];
  if (tab !== "open") return all;
  return [...all.filter((item) => item.state === "open"), ...all.filter((item) => item.state !== "open")];
}

const DRAFTS = "frontdesk-drafts";

function drafts() {
  try {
    return JSON.parse(sessionStorage.getItem(DRAFTS)) ?? {};
  } catch {
    return {};
  }
}

export const draftOf = (id) => drafts()[id] ?? "";

export function keepDraft(id, text) {
  const all = drafts();
  if (text) all[id] = text;
  else delete all[id];
  sessionStorage.setItem(DRAFTS, JSON.stringify(all));
}
