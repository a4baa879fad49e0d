/** An article of the shop's help, to be read on its page. */

import { element, spoken } from "../dom.js";
import { icon } from "../icons.js";
import { safeAddress } from "../links.js";

export function articleCard({ title, url }, { strings, server }) {
  const href = safeAddress(url, server);
  return element(
    href ? "a" : "div",
    { class: "card article", href, target: href && "_blank", rel: href && "noopener" },
    element("span", { class: "card-mark" }, icon("article")),
    element(
      "span",
      { class: "article-words" },
      element("strong", {}, title),
      href ? element("span", { class: "quiet" }, strings.readArticle, spoken(strings.newTab)) : null,
    ),
    href ? icon("away") : null,
  );
}
