/** An article of the shop's help, to be read on its page, and whether what it says has helped. */

import { element, spoken } from "../dom.js";
import { icon } from "../icons.js";
import { safeAddress } from "../links.js";

export class ArticleCard {
  node;
  #strings;
  #yes;
  #no;
  #thanks;

  /**
   * `helped` is null as long as nobody has said; where it is absent nothing is asked. `links` are those of what was said,
   * `others` are articles that may be meant as well.
   */
  constructor(attachment, words, act) {
    const { strings } = words;
    const link = [
      articleLink(attachment, words),
      pages(attachment.links, null, words),
      pages(attachment.others, strings.otherArticles, words),
    ].filter(Boolean);
    if (attachment.helped === undefined) {
      this.node = link.length === 1 ? link[0] : element("div", { class: "judged" }, ...link);
      return;
    }
    this.#strings = words.strings;
    const button = (helped, label) => {
      const onclick = () => act("judge", helped);
      return element("button", { type: "button", class: "judge", "aria-pressed": "false", onclick }, label);
    };
    this.#yes = button(true, this.#strings.helpedYes);
    this.#no = button(false, this.#strings.helpedNo);
    this.#thanks = element("p", { class: "quiet", role: "status" });
    const asked = element("div", { class: "judging", role: "group", "aria-label": this.#strings.helped });
    asked.append(element("span", { class: "quiet", "aria-hidden": "true" }, this.#strings.helped), this.#yes, this.#no);
    this.node = element("div", { class: "judged" }, ...link, asked, this.#thanks);
    this.#mark(attachment.helped);
  }

  show(_open, { attachment }) {
    if (this.#yes) this.#mark(attachment.helped);
  }

  #mark(helped) {
    this.#yes.setAttribute("aria-pressed", String(helped === true));
    this.#no.setAttribute("aria-pressed", String(helped === false));
    const thanks = { true: this.#strings.helpedThanks, false: this.#strings.helpedSorry }[helped] ?? "";
    if (this.#thanks.textContent !== thanks) this.#thanks.textContent = thanks;
  }
}

/** Links to pages, below a card; what leads to no page is left out. */
function pages(links, label, { strings, server }) {
  const shown = (Array.isArray(links) ? links : [])
    .filter(({ title, url }) => typeof title === "string" && typeof url === "string")
    .map(({ title, url }) => ({ title, href: safeAddress(url, server) }))
    .filter(({ href }) => href)
    .map(({ title, href }) =>
      element("li", {}, element("a", { class: "page", href, target: "_blank", rel: "noopener" }, title, spoken(strings.newTab))),
    );
  if (!shown.length) return null;
  return element("div", { class: "pages" }, label && element("span", { class: "quiet" }, label), element("ul", {}, ...shown));
}

function articleLink({ title, url }, { strings, server }) {
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
