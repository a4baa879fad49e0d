// Starts the desk: who is signed in, the three columns, the socket.

import { openAlerts } from "./alerts.js";
import * as api from "./api.js";
import { contextColumn } from "./context.js";
import * as deeds from "./deeds.js";
import { showHelp } from "./dialogs.js";
import { h, icon } from "./dom.js";
import { countInTitle, onConnection, onEvent } from "./events.js";
import { Live } from "./live.js";
import { showLogin } from "./login.js";
import { arrowTabs, failure, tabButton } from "./parts.js";
import { queueColumn } from "./queue.js";
import { showOrders, whenSessionEnds as whenOrdersLoseSession } from "./orders/sheet.js";
import { listenForShortcuts } from "./shortcuts.js";
import { change, state, watch } from "./store.js";
import { talkColumn } from "./talk.js";
import { texts } from "./texts.js";

const TYPING_EVERY_MS = 2500;

const root = document.getElementById("root");
const live = new Live({ onEvent, onState: onConnection });
let typingSaid = 0;

function typing() {
  if (Date.now() - typingSaid < TYPING_EVERY_MS || !state.detail) return;
  typingSaid = Date.now();
  live.send({ type: "typing", escalation_id: state.detail.escalation.id });
}

/** Orders of the chosen conversation's customer, or of everybody where none is chosen. */
function openOrder(number = null) {
  showOrders({ number, escalationId: state.detail?.escalation.id ?? null });
}

async function signOut() {
  await api.logOut().catch(() => null);
  history.replaceState(null, "", "/desk");
  location.reload();
}

function viewTabs() {
  const tabs = arrowTabs(h("div", { class: "views", role: "tablist" }));
  const draw = () => {
    const shown = state.view === "context" ? "context" : "talk";
    tabs.replaceChildren(...["talk", "context"].map((view) =>
      tabButton(texts.views[view], shown === view, () => change({ view }))));
  };
  watch((parts) => parts.has("view") && draw());
  draw();
  return tabs;
}

function showDesk() {
  const banner = h("p", { class: "banner", role: "status", hidden: true }, icon("repeat"), texts.lost);
  const desk = h(
    "div",
    { class: "desk", "data-view": state.view },
    banner,
    queueColumn({ ...deeds, signOut, openAlerts, openTasks: () => showOrders(), openHelp: showHelp }),
    viewTabs(),
    talkColumn({ ...deeds, typing, leave: () => change({ view: "list" }) }),
    contextColumn({ openOrder }),
  );
  watch((parts) => {
    if (parts.has("up")) banner.hidden = state.up;
    if (parts.has("view")) desk.dataset.view = state.view;
    if (parts.has("chosenId")) desk.toggleAttribute("data-chosen", Boolean(state.chosenId));
  });
  root.replaceChildren(desk);
}

async function enter(agent) {
  change({ agent });
  showDesk();
  listenForShortcuts({ ...deeds, openOrder, openHelp: showHelp });
  countInTitle();
  await deeds.loadQueues();
  openLinked();
  addEventListener("hashchange", openLinked);
  live.start();
}

/** The alert mail links to /desk#<escalation>. */
function openLinked() {
  const id = location.hash.slice(1);
  if (/^[0-9a-f]{32}$/.test(id)) deeds.choose(id);
}

function endSession() {
  live.stop();
  sessionStorage.setItem("frontdesk-ended", "1");
  location.reload();
}

deeds.whenSessionEnds(endSession);
whenOrdersLoseSession(endSession);

async function start() {
  const ended = sessionStorage.getItem("frontdesk-ended") !== null;
  sessionStorage.removeItem("frontdesk-ended");
  try {
    await enter(await api.currentAgent());
  } catch (error) {
    if (error.status === 401) showLogin(root, { onAgent: enter, ended });
    else if (error.status === undefined) throw error;
    else root.replaceChildren(h("main", { class: "unopened" }, failure(texts.problems.desk, error.message, () => location.reload())));
  }
}

start();
