// One key for each thing an agent does all day; never while typing or with a modifier held.

import { neighbour } from "./queue.js";
import { state } from "./store.js";

export function listenForShortcuts({ choose, take, resolve, handBack, openOrder, openHelp }) {
  const move = (step) => {
    const id = neighbour(step);
    if (id) choose(id);
    document.querySelector(`[data-escalation="${id}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const deeds = {
    j: () => move(1),
    k: () => move(-1),
    t: take,
    e: resolve,
    b: handBack,
    o: () => openOrder(),
    r: () => document.querySelector(".composer textarea")?.focus(),
    1: () => document.querySelectorAll(".hint")[0]?.click(),
    2: () => document.querySelectorAll(".hint")[1]?.click(),
    3: () => document.querySelectorAll(".hint")[2]?.click(),
    "?": openHelp,
  };
  document.addEventListener("keydown", (event) => {
    if (!state.agent || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // A dialog that has just closed still holds the focus for a moment; keys are the desk's again already.
    if (event.target.closest("input, textarea, dialog[open]")) return;
    const deed = deeds[event.key.toLowerCase()];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
}
