// The sheet over the desk that shows orders: a list to choose from, or one order.

import * as api from "../api.js";
import { show } from "../dialogs.js";
import { h } from "../dom.js";
import { failure, ghosts, iconButton, statusBadge } from "../parts.js";
import { texts } from "../texts.js";
import { toast } from "../toasts.js";
import { homeView } from "./home.js";
import { orderView } from "./order.js";
import { words } from "./words.js";

let sessionEnded = () => {};
export function whenSessionEnds(listener) {
  sessionEnded = listener;
}

/** Open at an order of the conversation `escalationId`, or at the list; both may be missing. */
export function showOrders({ number = null, escalationId = null } = {}) {
  const head = h("header", { class: "sheet__head" });
  const body = h("div", { class: "sheet__body", tabindex: "0" });
  const dialog = show({ class: "sheet", "aria-labelledby": "sheet-heading" }, head, body);
  let wanted = 0;

  const drawHead = (title, mark = null, back = null) => head.replaceChildren(
    ...[
      back ? iconButton(words.back, "chevron", { onclick: back }) : null,
      h("h2", { id: "sheet-heading", tabindex: "-1", text: title }),
      mark,
      iconButton(texts.close, "close", { onclick: () => dialog.close() }),
    ].filter(Boolean),
  );
  const heading = () => head.querySelector("h2");

  /** Load something and draw it; the newest wish wins, and a failure can be tried again. */
  const load = async (problem, fetch, draw) => {
    const mine = ++wanted;
    body.setAttribute("aria-busy", "true");
    body.replaceChildren(...ghosts([54, 120, 160]));
    try {
      const answer = await fetch();
      if (mine === wanted) draw(answer);
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      if (error.status === 401) sessionEnded();
      if (mine === wanted) body.replaceChildren(failure(problem, error.message, () => load(problem, fetch, draw)));
    } finally {
      if (mine === wanted) body.setAttribute("aria-busy", "false");
    }
  };

  const drawHome = (found) => {
    const show = (mine) => {
      const place = body.scrollTop;
      drawHome({ mine });
      body.scrollTop = place;
    };
    body.replaceChildren(homeView(found, { open, resend, escalationId, show }));
    heading().focus({ preventScroll: true });
  };

  const resend = async (id) => {
    try {
      drawHome({ work: await api.resend(id) });
      toast(words.sentAgain);
    } catch (error) {
      if (error.status === 401) sessionEnded();
      else toast(error.message, { tone: "bad" });
    }
  };

  const home = () => {
    drawHead(escalationId ? words.open : words.home);
    const fetch = async () => (escalationId ? { mine: await api.ordersOf(escalationId) } : { work: await api.work() });
    load(words.homeProblem, fetch, drawHome);
  };

  const drawOrder = (answer) => {
    const place = body.scrollTop;
    drawHead(`${answer.order.number} · ${answer.order.customer.name}`, statusBadge(answer.order.status), home);
    body.replaceChildren(orderView(answer, { escalationId, show: drawOrder }));
    body.scrollTop = place;
    heading().focus({ preventScroll: true });
  };

  const open = (chosen) => {
    drawHead(chosen, null, home);
    body.scrollTop = 0;
    load(words.problem, () => api.order(chosen, escalationId), drawOrder);
  };

  if (number) open(number);
  else home();
}
