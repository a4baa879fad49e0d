// The sign-in page.

import { logIn } from "./api.js";
import { h, icon } from "./dom.js";
import { texts } from "./texts.js";

const t = texts.login;

function field(label, properties) {
  return h("label", { class: "field" }, h("span", { text: label }), h("input", { required: true, ...properties }));
}

/** Show the form in `root`; `onAgent(agent)` is called once somebody is signed in. */
export function showLogin(root, { onAgent, ended = false }) {
  const notice = h("p", { class: "notice", role: "alert", hidden: true });
  const say = (sentence) => {
    notice.hidden = sentence === null;
    notice.replaceChildren(...(sentence === null ? [] : [icon("alert"), h("span", { text: sentence })]));
  };
  const go = h("button", { class: "button button--primary", type: "submit", text: t.go });
  const submit = async (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    go.disabled = true;
    go.textContent = t.busy;
    say(null);
    try {
      onAgent(await logIn(given.get("email"), given.get("password")));
    } catch (error) {
      say(error.message);
      event.target.elements.password.select();
    } finally {
      go.disabled = false;
      go.textContent = t.go;
    }
  };
  const form = h(
    "form",
    { class: "login__form", onsubmit: submit },
    h("h1", { text: t.heading }),
    h("p", { text: t.hint }),
    notice,
    field(t.email, { name: "email", type: "email", autocomplete: "username" }),
    field(t.password, { name: "password", type: "password", autocomplete: "current-password" }),
    go,
  );
  root.replaceChildren(
    h(
      "main",
      { class: "login" },
      h(
        "div",
        { class: "login__story" },
        h("div", { class: "login__brand" }, icon("bellhop"), texts.title),
        h("div", { class: "login__pitch" }, h("h2", { text: t.pitch }), h("p", { text: t.more })),
        h("small", { text: t.fine }),
      ),
      form,
    ),
  );
  document.title = texts.title;
  if (ended) say(t.ended);
  form.elements.email.focus();
}
