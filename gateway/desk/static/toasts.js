// Short notes at the foot of the page; they leave by themselves and wait while hovered or focused.

import { h } from "./dom.js";

const STAY_MS = 5000;
const AT_ONCE = 3;

/** `tone` is "plain", "bad" or "new"; `deed` is an optional button {label, run}; `about` names what it tells of. */
export function toast(sentence, { tone = "plain", deed = null, about = null } = {}) {
  const region = document.getElementById("toasts");
  const note = h("div", { class: "toast", "data-tone": tone, "data-about": about }, h("span", { text: sentence }));
  if (deed) {
    const run = () => {
      note.remove();
      deed.run();
    };
    note.append(h("button", { type: "button", text: deed.label, onclick: run }));
  }
  let timer;
  const leave = () => {
    timer = setTimeout(() => note.remove(), deed ? STAY_MS * 2 : STAY_MS);
  };
  const stay = () => clearTimeout(timer);
  note.addEventListener("mouseenter", stay);
  note.addEventListener("mouseleave", leave);
  note.addEventListener("focusin", stay);
  note.addEventListener("focusout", leave);
  region.append(note);
  while (region.children.length > AT_ONCE) region.firstElementChild.remove();
  leave();
}

/** What they tell of is being looked at. */
export function dismissToasts(about) {
  document.querySelectorAll(`.toast[data-about="${CSS.escape(about)}"]`).forEach((note) => note.remove());
}
