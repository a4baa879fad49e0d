/** Where the customer writes: grows with the text, sends on Enter, never cuts what was typed. */

import { element } from "./dom.js";
import { icon } from "./icons.js";

export const LIMIT = 2_000;
const COUNTED_FROM = 1_800;

/** Events: `send` (detail: the text), `typing`, `draft` (detail: the unsent text), `photos` (detail: files). */
export class Composer extends EventTarget {
  node;
  #strings;
  #field;
  #send;
  #counter;
  #photos;

  constructor(strings, draft) {
    super();
    this.#strings = strings;
    this.#field = element("textarea", { rows: "1", "aria-label": strings.write, placeholder: strings.write, "aria-describedby": "counter", autocomplete: "off", enterkeyhint: "send" });
    this.#send = element("button", { class: "send", type: "submit", "aria-label": strings.send, title: strings.send }, icon("send"));
    this.#counter = element("p", { id: "counter", class: "counter", "aria-live": "polite" });
    this.node = element("form", { class: "composer", novalidate: true }, element("div", { class: "field" }, this.#field, this.#photoButton(strings), this.#send), this.#counter);
    this.#field.value = draft;
    this.#field.addEventListener("input", () => this.#written());
    this.#field.addEventListener("keydown", (event) => this.#pressed(event));
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#measure();
  }

  #photoButton(strings) {
    this.#photos = element("input", { type: "file", accept: "image/jpeg,image/png,image/webp", multiple: true, hidden: true });
    this.#photos.addEventListener("change", () => {
      this.#say("photos", [...this.#photos.files]);
      // The same file can be chosen again after it was removed.
      this.#photos.value = "";
    });
    const onclick = () => this.#photos.click();
    const button = element("button", { class: "add-photo", type: "button", "aria-label": strings.addPhoto, title: strings.addPhoto, onclick }, icon("camera"));
    return [this.#photos, button];
  }

  /** Whom the next message goes to: an agent's name, or null. */
  addressTo(name) {
    const label = name ? this.#strings.writeTo(name) : this.#strings.write;
    if (this.#field.placeholder === label) return;
    this.#field.placeholder = label;
    this.#field.setAttribute("aria-label", label);
  }

  focus() {
    this.#field.focus({ preventScroll: true });
  }

  /** The field has no width before it is shown, so its height is only known then. */
  shown() {
    this.#measure();
  }

  #written() {
    this.#measure();
    this.#say("draft", this.#field.value);
    if (this.#field.value.trim()) this.#say("typing");
  }

  #pressed(event) {
    // 229 is what browsers report for the Enter that only ends an input method's composition.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    // Half a character, as a careless paste leaves it, is not valid JSON text and would be refused.
    const text = this.#field.value.trim().toWellFormed();
    if (!text || lengthOf(text) > LIMIT) return;
    this.#field.value = "";
    this.#measure();
    this.#say("draft", "");
    this.#say("send", text);
    this.focus();
  }

  #measure() {
    const field = this.#field;
    field.style.height = "auto";
    if (field.scrollHeight) field.style.height = `${field.scrollHeight}px`;
    const used = lengthOf(field.value.trim());
    const over = used - LIMIT;
    this.node.classList.toggle("over", over > 0);
    field.setAttribute("aria-invalid", String(over > 0));
    this.#send.disabled = used === 0 || over > 0;
    const counted = over > 0 ? ` · ${this.#strings.tooLong(over.toLocaleString())}` : "";
    const label = used < COUNTED_FROM ? "" : this.#strings.counter(used.toLocaleString(), LIMIT.toLocaleString()) + counted;
    if (this.#counter.textContent !== label) this.#counter.textContent = label;
  }

  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Characters as the server counts them: an emoji is one, not two. */
function lengthOf(text) {
  return Array.from(text).length;
}
