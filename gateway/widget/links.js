/** Addresses in a plain text become links, as elements; everything else stays text, whatever it looks like. */

import { element } from "./dom.js";

const ADDRESS = /\b(?:https?:\/\/|www\.)[^\s<>"'`]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gi;

export function linked(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutSentenceEnd(match[0]);
    const target = targetOf(address);
    if (!target) continue;
    parts.push(text.slice(end, match.index));
    parts.push(element("a", { href: target, target: "_blank", rel: "noopener noreferrer" }, address));
    end = match.index + address.length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}

/** The address a link may lead to, or null for anything but http and https. */
export function safeAddress(address, base) {
  try {
    const url = new URL(address, base);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

function targetOf(address) {
  if (/^https?:/i.test(address)) return safeAddress(address);
  if (/^www\./i.test(address)) return safeAddress(`https://${address}`);
  return `mailto:${address}`;
}

/** "see www.example.org/a_(b)." ends with the sentence's full stop, but the bracket belongs to the address. */
function withoutSentenceEnd(address) {
  let trimmed = address.replace(/[.,;:!?…]+$/, "");
  while (trimmed.endsWith(")") && trimmed.split(")").length > trimmed.split("(").length) {
    trimmed = trimmed.slice(0, -1).replace(/[.,;:!?…]+$/, "");
  }
  return trimmed;
}
