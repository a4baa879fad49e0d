// The overlays. Native dialogs bring the focus trap and the Escape key.

import { h } from "./dom.js";
import { texts } from "./texts.js";

/** Show a dialog with these properties and children; it leaves the page when it is closed. */
export function show(properties, ...children) {
  const opener = document.activeElement;
  const dialog = h("dialog", { "aria-labelledby": "dialog-heading", ...properties }, ...children);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (opener?.isConnected) opener.focus();
  });
  // A click beside the dialog lands on the dialog element itself.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

const heading = (text) => h("h2", { id: "dialog-heading", text });

export function showHelp() {
  const dialog = show(
    {},
    heading(texts.help),
    h("dl", { class: "keys" }, texts.keys.flatMap(([keys, what]) => [
      h("dt", {}, keys.map((key) => h("kbd", { text: key }))),
      h("dd", { text: what }),
    ])),
    h("div", { class: "dialog__foot" }, h("button", { type: "button", class: "button", text: texts.close, onclick: () => dialog.close() })),
  );
}

/** Ask for the optional note; `onResolve(note)` runs only when the agent confirms. */
export function showResolve(onResolve) {
  const t = texts.resolveDialog;
  const note = h("textarea", { rows: "3", maxlength: "2000" });
  const submit = (event) => {
    event.preventDefault();
    dialog.close();
    onResolve(note.value.trim());
  };
  note.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  });
  const dialog = show(
    {},
    h(
      "form",
      { onsubmit: submit },
      heading(t.heading),
      h("p", { text: t.hint }),
      h("label", { class: "field" }, h("span", { text: t.note }), note),
      h(
        "div",
        { class: "dialog__foot" },
        h("button", { type: "button", class: "button", text: t.cancel, onclick: () => dialog.close() }),
        h("button", { type: "submit", class: "button button--primary", text: t.go }),
      ),
    ),
  );
}

/** `settings` is {sound, system}; `onChange(name, on)` resolves to what the setting then is. */
export function showAlerts(settings, { denied, onChange }) {
  const t = texts.alerts;
  const toggle = (name) => {
    const input = h("input", { type: "checkbox", role: "switch", checked: settings[name] });
    input.addEventListener("change", async () => {
      input.checked = await onChange(name, input.checked);
    });
    const [label, hint] = t[name];
    return h("label", { class: "switch" }, h("span", {}, label, h("small", { text: name === "system" && denied ? t.denied : hint })), input);
  };
  const dialog = show(
    {},
    heading(t.heading),
    h("p", { text: t.hint }),
    h("div", { class: "switches" }, toggle("sound"), toggle("system")),
    h("div", { class: "dialog__foot" }, h("button", { type: "button", class: "button", text: texts.close, onclick: () => dialog.close() })),
  );
}
