// The left column: who waits, who is on my desk, what is closed.

import { h, icon, reconcile } from "./dom.js";
import { ago, clock, day, heat } from "./format.js";
import { arrowTabs, avatar, empty, failure, ghosts, iconButton, reasonIcon, reasonText, tabButton, urgencyText } from "./parts.js";
import { change, listed, myName, state, watch } from "./store.js";
import { fill, texts } from "./texts.js";

const TABS = ["open", "mine", "closed"];
const REDRAW_MS = 20_000;

export function queueColumn({ choose, chooseTab, loadQueues, signOut, openAlerts, openTasks, openHelp }) {
  const tabs = arrowTabs(h("div", { class: "tabs", role: "tablist", "aria-label": texts.queueLabel }));
  const list = h("div", { class: "queue", role: "tabpanel", "aria-label": texts.queueLabel, tabindex: "-1" });
  const me = h("div", { class: "me" });

  const drawTabs = () => tabs.replaceChildren(...TABS.map((tab) => drawTab(tab, chooseTab)));
  const drawList = () => showList(list, choose, loadQueues);
  const drawMe = () => showMe(me, { signOut, openAlerts, openTasks, openHelp });

  watch((parts) => {
    if (parts.has("queues") || parts.has("tab")) drawTabs();
    if (parts.has("queues") || parts.has("tab") || parts.has("chosenId") || parts.has("queueProblem")) drawList();
    if (parts.has("up")) drawMe();
  });
  setInterval(() => document.hidden || drawList(), REDRAW_MS);
  drawTabs();
  drawList();
  drawMe();
  return h(
    "nav",
    { class: "desk__queue", "aria-label": texts.queueLabel },
    h("div", { class: "brand" }, h("span", { class: "brand__mark" }, icon("bellhop")), h("strong", { text: texts.title })),
    tabs,
    list,
    me,
  );
}

function drawTab(tab, chooseTab) {
  const items = state.queues[tab] ?? [];
  const waiting = tab === "open" ? items.filter((item) => item.state === "open").length : items.length;
  const unread = tab === "mine" && items.some((item) => item.unread > 0);
  const loud = tab === "open" ? waiting > 0 : unread;
  const count = tab !== "closed" && waiting > 0
    ? h("span", { class: `count${loud ? " count--loud" : ""}`, text: String(waiting) })
    : null;
  return tabButton(texts.tabs[tab], state.tab === tab, () => chooseTab(tab), count);
}

function showList(list, choose, loadQueues) {
  const items = listed();
  const missing = state.queues[state.tab] === null;
  list.setAttribute("aria-busy", String(missing && state.queueProblem === null));
  if (missing) {
    const again = () => {
      change({ queueProblem: null });
      loadQueues();
    };
    list.replaceChildren(...(state.queueProblem === null ? ghosts([68, 64, 60]) : [failure(texts.problems.queue, state.queueProblem, again)]));
    return;
  }
  if (items.length === 0) {
    list.replaceChildren(empty({ open: "bellhop", mine: "inbox", closed: "check" }[state.tab], texts.empty[state.tab]));
    return;
  }
  const rows = [];
  const firstOfColleagues = state.tab === "open" ? items.find((item) => item.state !== "open") : null;
  for (const item of items) {
    if (item === firstOfColleagues) rows.push({ id: "colleagues", heading: texts.colleagues });
    rows.push(item);
  }
  if (list.firstElementChild && !list.firstElementChild.dataset.key) list.replaceChildren();
  reconcile(list, rows, {
    key: (row) => row.id,
    version: (row) => JSON.stringify([row, row.heading ? 0 : [waitText(row), row.id === state.chosenId]]),
    create: (row) => (row.heading ? h("h2", { class: "queue__group", text: row.heading }) : ticket(row, choose)),
  });
}

function waitText(item) {
  if (state.tab !== "closed") return ago(item.waiting_since);
  const ended = item.ended_at ?? item.waiting_since;
  return Date.now() - Date.parse(ended) < 86_400_000 ? clock(ended) : day(ended);
}

function ticket(item, choose) {
  const chosen = item.id === state.chosenId;
  const unread = chosen ? 0 : item.unread;
  const hot = item.state === "open" ? heat(item.waiting_since) : null;
  return h(
    "button",
    {
      type: "button",
      class: "ticket",
      "aria-current": chosen ? "true" : null,
      "data-urgency": item.urgency,
      "data-unread": unread > 0,
      "data-escalation": item.id,
      onclick: () => choose(item.id),
    },
    avatar(item.customer_name),
    h("span", { class: "ticket__name", text: item.customer_name }),
    h("span", { class: "ticket__wait", "data-heat": hot, text: waitText(item) }),
    why(item),
    h("span", { class: "ticket__last", text: lastLine(item) }),
    unread > 0 ? h("span", { class: "count count--loud", "aria-label": `${unread} unread`, text: String(unread) }) : null,
  );
}

function why(item) {
  const parts = [reasonText(item), urgencyText(item)];
  if (item.leaves_message) parts.push(texts.state.leaves_message);
  if (item.state === "taken" && item.agent && item.agent.id !== state.agent.id) {
    parts.unshift(fill(texts.state.taken, { name: item.agent.name.split(" ")[0] }));
  }
  if (state.tab === "closed") parts.unshift(texts.state[item.state]);
  return h("span", { class: "ticket__why" }, reasonIcon(item.reason), h("span", { text: parts.filter(Boolean).join(" · ") }));
}

function lastLine(item) {
  const last = item.last_message;
  if (!last) return item.summary;
  if (last.author !== "agent") return last.text;
  return `${last.name === myName() ? texts.you : last.name}: ${last.text}`;
}

function showMe(me, { signOut, openAlerts, openTasks, openHelp }) {
  const portrait = h("span", { class: "me__avatar", "data-online": String(state.up) }, avatar(state.agent.name));
  me.replaceChildren(
    portrait,
    h(
      "span",
      { class: "me__name" },
      state.agent.name,
      h("small", { text: state.up ? texts.online : texts.offline }),
    ),
    iconButton(texts.tasks, "box", { onclick: openTasks }),
    iconButton(texts.alerts.button, "bell", { onclick: openAlerts }),
    iconButton(texts.help, "help", { onclick: openHelp }),
    iconButton(texts.signOut, "leave", { onclick: signOut }),
  );
}

/** Move the choice down (+1) or up (-1) the list. */
export function neighbour(step) {
  const items = listed();
  if (items.length === 0) return null;
  const position = items.findIndex((item) => item.id === state.chosenId);
  if (position === -1) return items[0].id;
  return items[Math.min(items.length - 1, Math.max(0, position + step))].id;
}
