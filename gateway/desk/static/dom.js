// Building the page from values: everything shown arrives as a text node, never as markup.

import { paths } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element. `properties` are attributes, except `on…` (listeners), `text` and `class`;
 * null and false leave an attribute out. Children that are strings become text nodes.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A decorative icon; what it means must stand beside it as text or as the button's label. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}

/**
 * Make `parent` show `items` in order, keeping the elements of known keys, so that focus, scroll
 * position and animations survive an update. `version` says when an element must be made anew.
 */
export function reconcile(parent, items, { key, version, create }) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let position = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    const wanted = version(item);
    let element = known.get(name);
    known.delete(name);
    if (!element || element.dataset.version !== wanted) {
      const made = create(item);
      made.dataset.key = name;
      made.dataset.version = wanted;
      if (element) {
        const focused = element === document.activeElement;
        if (position === element) position = made;
        element.replaceWith(made);
        if (focused) made.focus({ preventScroll: true });
      }
      element = made;
    }
    if (element === position) position = position.nextElementSibling;
    else parent.insertBefore(element, position);
  }
  for (const leftover of known.values()) leftover.remove();
}

const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

/** A text with its web addresses as links that tell the target nothing about the desk. */
export function linked(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    parts.push(text.slice(end, found.index));
    parts.push(h("a", { href: found[0], target: "_blank", rel: "noopener noreferrer", text: found[0] }));
    end = found.index + found[0].length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}
