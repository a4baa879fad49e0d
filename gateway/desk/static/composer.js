// The reply: suggestions to start from, a box that keeps its draft, one button.

import { h, icon } from "./dom.js";
import { percent } from "./format.js";
import { draftOf, keepDraft, standing, state, watch } from "./store.js";
import { fill, texts } from "./texts.js";

const LONGEST = 4000;
const HINTS = 3;

export function composer({ send, typing }) {
  const hints = h("div", { class: "hints", role: "group", "aria-label": texts.hints });
  const box = h("textarea", { rows: "2", enterkeyhint: "send", autocapitalize: "sentences" });
  const tip = h("span", { class: "composer__tip" });
  const go = h("button", { type: "submit", class: "button button--primary" });
  const form = h("form", { class: "composer" }, box, h("div", { class: "composer__foot" }, tip, go));
  const shut = h("div", { class: "composer composer--shut" });
  const whole = h("section", { class: "answer" }, hints, form, shut);
  let shownId = null;

  const measure = () => {
    const over = box.value.trim().length - LONGEST;
    const open = state.detail && standing(state.detail.escalation) === "open";
    tip.textContent = over > 0 ? fill(texts.reply.over, { count: over }) : open ? texts.reply.takesOver : texts.reply.tip;
    tip.toggleAttribute("data-over", over > 0);
    go.disabled = over > 0 || box.value.trim() === "";
  };
  const submit = (event) => {
    event?.preventDefault();
    const text = box.value.trim();
    if (!text || text.length > LONGEST) return;
    box.value = "";
    keepDraft(shownId, "");
    measure();
    send(text);
  };
  form.addEventListener("submit", submit);
  box.addEventListener("input", () => {
    keepDraft(shownId, box.value);
    measure();
    if (box.value) typing();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
    if (event.key === "Escape") box.blur();
  });

  const use = (suggestion) => {
    const before = box.value.trim();
    box.value = before ? `${before}\n\n${suggestion.text}` : suggestion.text;
    keepDraft(shownId, box.value);
    measure();
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  };
  const draw = () => {
    const { detail } = state;
    if (!detail) return;
    const where = standing(detail.escalation);
    const open = where === "mine" || where === "open";
    const suggestions = open ? detail.suggestions.slice(0, HINTS) : [];
    hints.hidden = suggestions.length === 0;
    hints.replaceChildren(...suggestions.map((suggestion) => hint(suggestion, use)));
    form.hidden = !open;
    shut.hidden = open;
    const fullName = detail.escalation.customer_name;
    const name = detail.document.customer ? fullName.split(" ")[0] : fullName;
    box.placeholder = fill(texts.reply.placeholder, { name });
    box.setAttribute("aria-label", fill(texts.reply.label, { name: fullName }));
    go.replaceChildren(icon("send"), where === "open" ? texts.reply.takeAndSend : texts.reply.send);
    shut.replaceChildren(...(open ? [] : closedNotice(where, detail.escalation)));
    if (shownId !== detail.escalation.id) {
      shownId = detail.escalation.id;
      box.value = draftOf(shownId);
    }
    measure();
  };
  watch((parts) => {
    if (parts.has("detail")) draw();
  });
  return whole;
}

function closedNotice(where, escalation) {
  if (where === "colleague") return [icon("user"), fill(texts.reply.colleague, { name: escalation.agent.name })];
  return where === "bot" ? [icon("bot"), texts.reply.bot] : [icon("check"), texts.reply.ended];
}

function hint(suggestion, use) {
  return h(
    "button",
    { type: "button", class: "hint", title: `${suggestion.title}\n\n${suggestion.text}`, onclick: () => use(suggestion) },
    h("strong", { text: suggestion.title }),
    h("span", {}, h("small", { text: percent(suggestion.score) }), ` ${suggestion.text}`),
  );
}
