// The form of an operation: its fields, what a refusal says, and past which rule it may be done.

import * as api from "../api.js";
import { h, icon } from "../dom.js";
import { toast } from "../toasts.js";
import { fill } from "../texts.js";
import * as fields from "./fields.js";
import { words } from "./words.js";

const RETRY_AFTER_MS = 1500;

// The rule about who asks, which a colleague's reason may stand in for.
const UNPROVEN = "unproven";

const FORMS = {
  cancel: [fields.reason],
  change_items: [fields.changes, fields.difference],
  change_address: [fields.address],
  change_payment: [fields.method],
  return: [fields.parts, fields.reason, fields.opened, fields.refundTo],
  exchange: [fields.exchanges, fields.reason, fields.difference],
  request_refund: [fields.parts, fields.reason],
  receive: [fields.arrived],
  withdraw: [],
  pay_refund: [],
  decline_refund: [fields.why],
  undo: [fields.because],
  change_default_address: [fields.addressKind, fields.address],
  change_phone: [fields.phone],
  change_email: [fields.email],
  change_name: [fields.name],
  change_newsletter: [fields.newsletter],
  undo_by_reference: [fields.reference, fields.because],
};

export const known = (name) => Object.hasOwn(FORMS, name);

export const title = (name, values = {}) => fill(words.operations[name][0], values);

/**
 * Make the form. `about` is {order, escalationId, reference, amount, reasons, passable}, or {customer, escalationId,
 * reference} where it is about the conversation's customer. `reason` asks at once why the "rule" does not count, or how
 * the agent knows a customer who is "unproven". `onDone(answer)` gets the order as it is then, `onLeave()` closes.
 */
export function operationForm(name, about, { reason = null, onDone, onLeave }) {
  const [, go] = words.operations[name];
  const made = FORMS[name].map((field) => field(about));
  const refusal = h("div", { class: "refusal", role: "alert", hidden: true });
  const place = h("div", {});
  const submit = h("button", { type: "submit", class: "button button--primary", text: fill(go, about) });
  // Made once: sending again after a lost connection does it once.
  const requestId = crypto.randomUUID().replaceAll("-", "");
  let reasoned = null;
  const askReason = (why) => {
    if (reasoned) return;
    reasoned = fields.override(why);
    place.replaceChildren(reasoned.element);
  };
  if (reason) askReason(reason);

  const refuse = (error) => {
    refusal.replaceChildren(
      icon("refused"),
      h("span", {}, error.message, error.rule ? h("small", { text: fill(words.refusalRule, { rule: error.rule }) }) : null),
    );
    refusal.hidden = false;
    if (reasoned || ![...(about.passable ?? []), UNPROVEN].includes(error.rule)) return;
    const anyway = h("button", { type: "button", class: "more", text: words.anyway, onclick: () => {
      anyway.remove();
      askReason(error.rule === UNPROVEN ? "unproven" : "rule");
      place.querySelector("textarea").focus();
    } });
    refusal.append(anyway);
  };

  const send = async (event) => {
    event.preventDefault();
    refusal.hidden = true;
    submit.disabled = true;
    const asked = Object.assign({ request_id: requestId }, ...[...made, reasoned].filter(Boolean).map((field) => field.read()));
    if (about.reference) asked.reference = about.reference;
    if (about.order && about.escalationId) asked.escalation_id = about.escalationId;
    try {
      const answer = await patiently(() => (about.order
        ? api.operate(about.order.number, name, asked)
        : api.operateOnCustomer(about.escalationId, name === "undo_by_reference" ? "undo" : name, asked)));
      toast(fill(words.done, { what: fill(words.operations[name][0], about).toLowerCase() }));
      onDone(answer);
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      refuse(error);
    } finally {
      submit.disabled = false;
    }
  };

  const hint = words.hints[name];
  return h(
    "form",
    { class: "operation", onsubmit: send },
    hint ? h("p", { class: "operation__hint", text: hint }) : null,
    made.map((field) => field.element),
    place,
    refusal,
    h(
      "div",
      { class: "operation__foot" },
      submit,
      h("button", { type: "button", class: "button", text: words.cancelForm, onclick: onLeave }),
    ),
  );
}

/** A lost connection is tried once more: the request's id lets it happen only once. */
async function patiently(run) {
  try {
    return await run();
  } catch (error) {
    if (error.code !== "offline") throw error;
    await new Promise((resume) => setTimeout(resume, RETRY_AFTER_MS));
    return run();
  }
}
