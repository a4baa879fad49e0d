/** The widget's style sheets: constructed, so that a strict content security policy lets them through. */

import { answers } from "./answers.js";
import { cards } from "./cards.js";
import { messages } from "./messages.js";
import { panel } from "./panel.js";
import { photos } from "./photos.js";
import { tokens } from "./tokens.js";

export function sheets() {
  return [tokens, panel, messages, cards, answers, photos].map((rules) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    return sheet;
  });
}
