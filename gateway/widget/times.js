/** Days and times as the reader's own language and time zone write them. */

const DAY_MS = 86_400_000;

export class Times {
  #strings;
  #clock;
  #weekday;
  #date;

  constructor(locale, strings) {
    this.#strings = strings;
    this.#clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
    this.#weekday = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
    this.#date = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" });
  }

  clock(instant) {
    return this.#clock.format(instant);
  }

  /** "Today", "Yesterday", or the weekday with its date. */
  day(instant) {
    const days = Math.round((midnight(new Date()) - midnight(instant)) / DAY_MS);
    if (days === 0) return this.#strings.today;
    if (days === 1) return this.#strings.yesterday;
    return this.#weekday.format(instant);
  }

  /** A calendar date such as "2025-11-26", which has no time zone; what is no date is shown as it came. */
  date(iso) {
    const [year, month, day] = String(iso).slice(0, 10).split("-").map(Number);
    const date = new Date(year, month - 1, day);
    return Number.isNaN(date.getTime()) ? String(iso) : this.#date.format(date);
  }
}

export function sameDay(one, other) {
  return midnight(one) === midnight(other);
}

function midnight(instant) {
  return new Date(instant.getFullYear(), instant.getMonth(), instant.getDate()).getTime();
}
