// The desk's HTTP interface. Every failure becomes an ApiError with a sentence for the agent.

import { texts } from "./texts.js";

const TIMEOUT_MS = 15_000;

let csrfToken = "";

export class ApiError extends Error {
  constructor(code, status, sentence, rule) {
    super(texts.errors[code] ?? sentence ?? texts.errors.unexpected);
    this.code = code;
    this.status = status;
    // The name of the shop's rule that refuses, where one does.
    this.rule = rule;
  }
}

async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRF-Token"] = csrfToken;
  let response;
  try {
    response = await fetch(`/api/desk/${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new ApiError("offline", 0);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(answer.error?.code, response.status, answer.error?.text, answer.error?.rule);
  return answer;
}

function remember(session) {
  csrfToken = session.csrf_token;
  return session.agent;
}

export const logIn = async (email, password) => remember(await call("POST", "login", { email, password }));
export const currentAgent = async () => remember(await call("GET", "session"));
export const logOut = () => call("POST", "logout", {});
export const queue = (state) => call("GET", `escalations?state=${encodeURIComponent(state)}`);
export const escalation = (id) => call("GET", `escalations/${encodeURIComponent(id)}`);
export const messages = (id, after) => call("GET", `escalations/${encodeURIComponent(id)}/messages?after=${after}`);
export const take = (id) => call("POST", `escalations/${encodeURIComponent(id)}/take`, {});
export const resolve = (id, note) => call("POST", `escalations/${encodeURIComponent(id)}/resolve`, { note });
export const handBack = (id) => call("POST", `escalations/${encodeURIComponent(id)}/hand-back`, {});
export const seen = (id, sequence) =>
  call("POST", `escalations/${encodeURIComponent(id)}/seen`, { sequence });
export const reply = (id, clientMessageId, text) =>
  call("POST", `escalations/${encodeURIComponent(id)}/reply`, { client_message_id: clientMessageId, text });

const ofOrder = (number) => `orders/${encodeURIComponent(number)}`;
export const ordersOf = (id) => call("GET", `escalations/${encodeURIComponent(id)}/orders`);
export const order = (number, id) =>
  call("GET", id ? `${ofOrder(number)}?escalation=${encodeURIComponent(id)}` : ofOrder(number));
export const operate = (number, operation, asked) =>
  call("POST", `${ofOrder(number)}/operations/${encodeURIComponent(operation)}`, asked);
export const operateOnCustomer = (id, operation, asked) =>
  call("POST", `escalations/${encodeURIComponent(id)}/customer/operations/${encodeURIComponent(operation)}`, asked);
export const work = () => call("GET", "work");
export const resend = (id) => call("POST", `dead-letters/${encodeURIComponent(id)}/retry`, {});
