// "What the bot tried": the ledger, turn by turn, newest turns shown first to fit.

import { h, icon } from "./dom.js";
import { percent, words } from "./format.js";
import { fill, texts } from "./texts.js";

const TURNS_SHOWN = 3;
const SURE = 0.7;

const LOOKS = {
  understood: ["speech", ""],
  unsure: ["help", "warm"],
  action: ["flash", "good"],
  failed: ["alert", "bad"],
  article: ["book", "good"],
  refused: ["refused", "warm"],
  effect: ["check", "good"],
  late: ["clock", "warm"],
};

/** The card; `turns` maps turn ids to the sequence number of the customer's message. */
export function triedCard({ tried }, turns, transcript) {
  const groups = grouped(tried);
  const body = h("div", {});
  const draw = (all) => {
    const shown = all ? groups : groups.slice(-TURNS_SHOWN);
    const hidden = groups.length - shown.length;
    const more = hidden > 0
      ? h("button", {
        type: "button", class: "more", text: fill(texts.context.earlierTurns, { count: hidden }), onclick: () => draw(true),
      })
      : null;
    body.replaceChildren(...[more, ...shown.map((group) => turn(group, turns, transcript))].filter(Boolean));
  };
  draw(false);
  if (groups.length === 0) body.append(h("p", { class: "tried__said", text: texts.context.nothingTried }));
  return h(
    "section",
    { class: "card" },
    h("div", { class: "card__head" }, icon("bot"), h("h2", { text: texts.context.tried })),
    body,
  );
}

/** What a form asked stands in the transcript already. */
const asks = ({ kind, data }) => kind === "action" && String(data.name).startsWith("action_ask_");

function grouped(entries) {
  const groups = [];
  for (const entry of entries.filter((one) => !asks(one))) {
    const last = groups.at(-1);
    if (last && entry.turn_id !== null && last.turnId === entry.turn_id) last.entries.push(entry);
    else groups.push({ turnId: entry.turn_id, entries: [entry] });
  }
  for (const group of groups) group.entries.sort((a, b) => order(a) - order(b));
  return groups;
}

const order = (entry) => (entry.kind === "understood" ? 0 : 1);

function turn(group, turns, transcript) {
  const message = transcript.find((line) => line.sequence === turns[group.turnId]);
  return h(
    "div",
    { class: "tried__turn" },
    message ? h("p", { class: "tried__said", text: `“${message.text}”` }) : null,
    h("ul", {}, group.entries.map(step)),
  );
}

function step({ kind, data }) {
  const { look, sentence, aside, detail } = describe(kind, data);
  const [iconName, toneName] = LOOKS[look];
  return h("li", { class: "step", "data-tone": toneName, title: detail }, icon(iconName), h("span", { text: sentence }), aside);
}

function describe(kind, data) {
  const t = texts.steps;
  if (kind === "understood") return understood(data);
  if (kind === "action") {
    const what = words(data.name ?? "");
    const failed = Boolean(data.error) || data.result === "failed";
    const result = [data.error ?? data.result ?? []].flat().map((one) => words(String(one)).toLowerCase());
    const sentence = [what, result.join(", ")].filter(Boolean).join(": ");
    return { look: failed ? "failed" : "action", sentence, detail: data.error_id };
  }
  if (kind === "article") {
    const judged = { true: t.helped, false: t.notHelped }[data.helped];
    const aside = judged ?? (typeof data.score === "number" ? sureness(data.score) : null);
    return { look: "article", sentence: fill(t.article, { what: data.title ?? "" }), aside };
  }
  if (kind === "refused") {
    const what = words(data.name ?? data.action ?? "");
    const reason = data.rule ?? data.response;
    const why = reason ? ` (${words(reason).toLowerCase()})` : "";
    return { look: "refused", sentence: fill(t.refused, { what }) + why };
  }
  const what = words(data.action ?? data.name ?? data.text ?? "");
  return { look: kind in LOOKS ? kind : "action", sentence: fill(t[kind] ?? t.action, { what }) };
}

function understood({ intents = [] }) {
  const [best] = intents;
  if (!best || best.name === "nlu_fallback") {
    const next = intents[1];
    return {
      look: "unsure",
      sentence: next ? `${texts.steps.unsure}; nearest: ${meaning(next.name)}` : texts.steps.unsure,
      aside: next ? sureness(next.confidence) : null,
    };
  }
  return {
    look: best.confidence < SURE ? "unsure" : "understood",
    sentence: fill(texts.steps.understood, { what: meaning(best.name) }),
    aside: sureness(best.confidence),
    detail: intents.map((intent) => `${meaning(intent.name)}: ${percent(intent.confidence)}`).join("\n"),
  };
}

/** An intent in words; one that is newer than this page by its name. */
const meaning = (intent) => texts.intents[intent] ?? words(intent).toLowerCase();

function sureness(share) {
  const bar = h("meter", { min: "0", max: "1", low: "0.4", high: "0.7", optimum: "1", value: String(share), "aria-hidden": "true" });
  return h("span", { class: "sure" }, bar, percent(share));
}
