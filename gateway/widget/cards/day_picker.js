/** A day to pick from a calendar; it is sent as an ordinary message, as if it had been written. */

import { element } from "../dom.js";
import { icon } from "../icons.js";

let made = 0;

export class DayPicker {
  node;
  #words;
  #act;
  #earliest;
  #latest;
  #field;
  #fields;
  #line;
  #problem;

  constructor({ earliest = null, latest = null }, words, act) {
    this.#words = words;
    this.#act = act;
    this.#earliest = earliest;
    this.#latest = latest;
    made += 1;
    const { strings } = words;
    const [id, hint, problem] = [`day-${made}`, `day-hint-${made}`, `day-problem-${made}`];
    this.#field = element("input", { id, type: "date", min: earliest, max: latest, "aria-describedby": `${hint} ${problem}` });
    this.#field.addEventListener("input", () => this.#complain(null));
    this.#problem = element("p", { id: problem, class: "problem", role: "alert" });
    this.#line = element("div", { class: "day-line" }, this.#field, element("button", { class: "button", type: "submit" }, strings.sendDay));
    this.#fields = element(
      "fieldset",
      {},
      element("label", { for: id }, strings.pickDay),
      element("p", { id: hint, class: "quiet" }, this.#range()),
      this.#line,
      this.#problem,
    );
    this.node = element("form", { class: "card day-picker", novalidate: true }, this.#fields);
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  show(open) {
    this.#fields.disabled = !open;
    this.#line.hidden = !open && !this.#field.value;
    if (!open) this.#complain(null);
  }

  #submit() {
    const { validity, value } = this.#field;
    const { strings, times } = this.#words;
    const outside = validity.rangeUnderflow || validity.rangeOverflow;
    if (!value) return this.#complain(strings.noDay);
    if (outside) return this.#complain(strings.dayOutside(this.#range()));
    this.#act("say", times.written(value));
  }

  #complain(sentence) {
    this.#field.setAttribute("aria-invalid", String(sentence !== null));
    this.#problem.replaceChildren(...(sentence === null ? [] : [icon("alert"), sentence]));
    if (sentence !== null) this.#field.focus();
  }

  #range() {
    const { strings, times } = this.#words;
    const [earliest, latest] = [this.#earliest, this.#latest].map((day) => day && times.written(day));
    return earliest && latest ? strings.daysBetween(earliest, latest) : "";
  }
}
