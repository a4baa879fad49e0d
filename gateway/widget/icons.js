/** The widget's few pictures: 24-unit line drawings that take the colour of their text. */

import { shape } from "./dom.js";

const PATHS = {
  chat: ["M4.5 12a7.5 7.2 0 1 1 3.3 6l-3.6 1.2 1.1-3.3A7 7 0 0 1 4.5 12Z", "M9 10.6h6", "M9 13.6h3.6"],
  down: ["m6.5 9.5 5.5 5.5 5.5-5.5"],
  next: ["m9.5 6.5 5.5 5.5-5.5 5.5"],
  close: ["m6.5 6.5 11 11", "m17.5 6.5-11 11"],
  send: ["M12 19V5.5", "m6 11 6-6 6 6"],
  person: ["M12 11.5a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2Z", "M5 19.7c.6-3.4 3.4-5.4 7-5.4s6.4 2 7 5.4"],
  article: ["M7 3.8h7.2L18 7.6v12.6H7Z", "M14 4v4h4", "M9.8 12h5.4", "M9.8 15.4h5.4"],
  away: ["M13.5 5H19v5.5", "m19 5-8.5 8.5", "M16.5 13.5V18a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V8.5a1 1 0 0 1 1-1h4.5"],
  camera: ["M4 8.5h3.2L8.7 6h6.6l1.5 2.5H20v10.5H4Z", "M12 16.6a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4Z"],
  check: ["m5.5 12.6 4.2 4.2 8.8-9.3"],
  parcel: ["M4.5 8 12 4.3 19.5 8v8L12 19.7 4.5 16Z", "M4.5 8 12 11.7 19.5 8", "M12 11.7v8", "m8.2 6.2 7.5 3.7"],
  alert: ["M12 7.5v5.5", "M12 16.4v.1", "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17Z"],
  cloud: ["m4 4 16 16", "M9.3 6.3A5.5 5.5 0 0 1 17 10.5a3.8 3.8 0 0 1 2.7 5.9", "M16.5 18H7a4 4 0 0 1-.8-7.9"],
};

/** One icon, hidden from screen readers: the control around it carries the name. */
export function icon(name) {
  return shape(
    "svg",
    { class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    PATHS[name].map((d) => shape("path", { d })),
  );
}
