/** What the bot attaches to a message, as a card: one file for each kind, kinds not known here are left out. */

import { ArticleCard } from "./article.js";
import { DayPicker } from "./day_picker.js";
import { orderCard } from "./order.js";
import { OrderList } from "./orders.js";
import { photoCard } from "./photo.js";
import { comparisonCard, productCard } from "./product.js";
import { receiptCard } from "./receipt.js";

const DRAWN = { order: orderCard, receipt: receiptCard, photo: photoCard, product: productCard, products: comparisonCard };
const ANSWERED = { article: ArticleCard, orders: OrderList, date_picker: DayPicker };

/**
 * The card as {node, show}, or null. `show(open, view)` says whether the message can still be answered, and how it is
 * now. `words` carries the strings, the times and the server's address; `act` is called with "choose" and an index, with
 * "say" and a text, or with "judge" and whether it helped.
 */
export function card({ attachment, choices }, words, act) {
  const kind = attachment?.kind;
  if (Object.hasOwn(ANSWERED, kind)) return new ANSWERED[kind](attachment, words, act, choices ?? []);
  return Object.hasOwn(DRAWN, kind) ? { node: DRAWN[kind](attachment, words), show: () => {} } : null;
}

/** How many of a message's choices, from the first, are offered inside its card. */
export function choicesInCard({ attachment, choices = [] }) {
  return attachment?.kind === "orders" ? Math.min(attachment.orders?.length ?? 0, choices.length) : 0;
}
