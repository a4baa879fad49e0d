// The button behind which an operation's form is.

import { h } from "../dom.js";
import { fill } from "../texts.js";
import { operationForm, title } from "./forms.js";
import { words } from "./words.js";

/** A button that becomes the operation's form, and comes back when it is left. */
export function opener(name, about, { past = false, reason = past ? "rule" : null, quiet = false, onDone }) {
  const label = past ? words.anyway : title(name, about);
  const place = h("div", { class: "opener" });
  const button = h("button", {
    type: "button",
    class: past || quiet ? "more" : "button",
    "aria-label": past ? fill(words.anywayLabel, { what: title(name) }) : null,
    "data-operation": name,
    text: label,
    onclick: () => {
      const form = operationForm(name, about, { reason, onDone, onLeave: () => {
        place.replaceChildren(button);
        button.focus();
      } });
      place.replaceChildren(form);
      form.querySelector("select, textarea, input, button")?.focus();
    },
  });
  place.append(button);
  return place;
}
