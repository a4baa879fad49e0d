/** A photo the customer has sent; its place is kept while it loads, so that nothing jumps. */

import { element } from "../dom.js";

export function photoCard({ id, width, height }, { strings, photo }) {
  const picture = element("img", { alt: strings.photo, width, height });
  const frame = element("figure", { class: "photo" }, picture);
  photo(String(id)).then(
    (address) => picture.setAttribute("src", address),
    () => frame.replaceChildren(element("figcaption", { class: "quiet" }, strings.photoGone)),
  );
  return frame;
}
