// Times, shares and names as people read them.

import { texts } from "./texts.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clockFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const dayMonthFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dateFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

export const clock = (iso) => clockFormat.format(new Date(iso));
export const day = (iso) => dayFormat.format(new Date(iso));
export const date = (iso) => {
  const at = new Date(iso);
  return (at.getFullYear() === new Date().getFullYear() ? dayMonthFormat : dateFormat).format(at);
};
/** A calendar date such as "2025-11-26", which has no time zone. */
export const calendarDay = (iso) => dateFormat.format(new Date(`${iso}T12:00`));
export const percent = (share) => `${Math.round(share * 100)} %`;

/** How long ago, in one unit: "just now", "4 min", "2 h", "3 d". */
export function ago(iso, now = Date.now()) {
  const passed = now - Date.parse(iso);
  if (passed < MINUTE) return texts.now;
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h`;
  return `${Math.floor(passed / DAY)} d`;
}

/** "warm" after 5 minutes of waiting, "hot" after 15, otherwise null. */
export function heat(iso, now = Date.now()) {
  const passed = now - Date.parse(iso);
  if (passed >= 15 * MINUTE) return "hot";
  return passed >= 5 * MINUTE ? "warm" : null;
}

export function initials(name) {
  const words = name.split(/\s+/).filter((word) => /\p{L}/u.test(word));
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join("") || "?";
}

/** One of five avatar tones, always the same for a name. */
export function tone(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 997;
  return String(sum % 5);
}

/** "ask_delivery", "action_order_status" and "OperationalError" as words. */
export function words(name) {
  const plain = name.replace(/^(action|utter|validate)_/, "").replace(/(?<=[a-z])(?=[A-Z])/g, "_");
  const spaced = plain.replaceAll("_", " ").toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
