/** Days and times as the reader's own language and time zone write them. */

const DAY_MS = 86_400_000;

export class Times {
  #strings;
  #clock;
  #weekday;
  #date;
  #fullDate;
  #written;

  constructor(locale, strings) {
    this.#strings = strings;
    this.#clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
    this.#weekday = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
    this.#date = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" });
    this.#fullDate = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
    this.#written = new Intl.DateTimeFormat(strings.writtenDays, { day: "numeric", month: "long", year: "numeric" });
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

  /** A calendar date such as "2025-11-26", with its year only where that is not the present one. */
  date(iso) {
    const thisYear = String(iso).startsWith(`${new Date().getFullYear()}-`);
    return onCalendar(iso, thisYear ? this.#date : this.#fullDate);
  }

  /** The same as a customer would write it to the shop: "26 November 2025". */
  written(iso) {
    return onCalendar(iso, this.#written);
  }
}

/** A calendar date has no time zone; what is no date is shown as it came. */
function onCalendar(iso, format) {
  const [year, month, day] = String(iso).slice(0, 10).split("-").map(Number);
  const date = new Date(year, month - 1, day);
  return Number.isNaN(date.getTime()) ? String(iso) : format.format(date);
}

export function sameDay(one, other) {
  return midnight(one) === midnight(other);
}

function midnight(instant) {
  return new Date(instant.getFullYear(), instant.getMonth(), instant.getDate()).getTime();
}
