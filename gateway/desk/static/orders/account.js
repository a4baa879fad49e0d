// The conversation's customer: their own data, what can be changed of them, and what happened to them.

import { h, icon } from "../dom.js";
import { date } from "../format.js";
import { card, facts } from "../parts.js";
import { fill, texts } from "../texts.js";
import { opener } from "./opener.js";
import { story } from "./story.js";
import { words } from "./words.js";

const CHANGES = ["change_default_address", "change_phone", "change_email", "change_name", "change_newsletter"];

/** `show(answer)` puts another state of it in its place. */
export function accountCards({ customer, proven }, { escalationId, show }) {
  const about = { customer, escalationId, wanted: words.newsletterTurns[customer.newsletter.wanted] };
  const undo = ({ reference }) => opener("undo", { ...about, reference }, { quiet: true, onDone: show });
  return [
    card("user", words.account, facts([
      [words.name, customer.name],
      [texts.context.email, customer.email],
      [words.phone, customer.phone ?? words.none],
      [words.addresses.shipping, customer.addresses.shipping ?? words.none],
      [words.addresses.billing, customer.addresses.billing],
      ...customer.gift_cards.map(({ label, balance }) => [label, fill(words.left, { balance })]),
      [words.giftCards, customer.gift_cards.length === 0 ? words.none : null],
      [words.newsletter, newsletter(customer.newsletter)],
    ])),
    card(
      "spark",
      words.accountChanges,
      proven ? null : h("p", { class: "proof", "data-level": "stranger" }, icon("alert"), words.unproven),
      h("div", { class: "deeds" }, CHANGES.map((name) => opener(name, about, { reason: proven ? null : "unproven", onDone: show }))),
    ),
    customer.timeline.length > 0 ? card("clock", words.accountStory, story(customer, { undo })) : null,
  ];
}

/** Where nobody is known: a change taken back for who names the reference in our mail about it. */
export function nobodysCard({ escalationId, show }) {
  return card("user", words.account, h(
    "div",
    { class: "deeds" },
    opener("undo_by_reference", { customer: null, escalationId }, { onDone: show }),
  ));
}

function newsletter({ wanted, at, source }) {
  return [
    wanted ? words.newsWanted : words.newsStopped,
    at ? fill(words.newsSince[source], { date: date(at) }) : null,
  ].filter(Boolean).join(" · ");
}
