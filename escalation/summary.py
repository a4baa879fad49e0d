"""One paragraph that tells an agent where the conversation stands, put together from its facts."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from crm.conversations.models import Author, LedgerKind
from crm.escalations.models import Reason
from escalation.document import (
    ComplaintCard,
    CustomerCard,
    Identity,
    Line,
    OrderCard,
    PreparedLine,
    Sentiment,
    Tried,
)
from escalation.urgency import UPSET_BELOW

TEXTS = Path(__file__).parent / "texts" / "en.yml"
QUOTE_LENGTH = 160
FEWEST_WORDS = 2
# The intent Rasa reports when no other is likely enough.
NOT_UNDERSTOOD = "nlu_fallback"


@cache
def _texts() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    return loaded


def summarise(
    *,
    reason: Reason,
    identity: Identity,
    customer: CustomerCard | None,
    transcript: list[Line],
    tried: list[Tried],
    orders: list[OrderCard],
    sentiment: Sentiment,
    complaint: ComplaintCard | None = None,
    matched: str | None = None,
    prepared: Sequence[PreparedLine] = (),
) -> str:
    """Who, why, what they last said or reported, what the bot made of it, which order, and the tone."""
    sentences = [
        _opening(reason, identity, customer),
        _last_said(transcript, matched) if complaint is None else _complaint(complaint),
        *(_texts()["prepared_line"].format(label=line.label, value=line.value) for line in prepared),
        *_tried(tried),
        *(_order(order) for order in orders if order.asked_about),
        _tone(sentiment),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _opening(reason: Reason, identity: Identity, customer: CustomerCard | None) -> str:
    who = _texts()["who"][str(identity.level)].format(name=customer.name if customer else "")
    return f"{who} {_texts()['reason'][str(reason)]}."


def prepared_label(name: str) -> str:
    """What an agent reads for something the bot has asked for."""
    return str(_texts()["prepared"].get(name, name.replace("_", " ")))


def _complaint(complaint: ComplaintCard) -> str:
    return str(
        _texts()["complaint"].format(
            reference=complaint.reference,
            kind=complaint.kind.replace("_", " "),
            items=", ".join(complaint.items) or _texts()["complaint_items_unknown"],
            wish=_texts()["wishes"][str(complaint.wish)],
            details=_shortened(complaint.details),
        )
    )


def _last_said(transcript: list[Line], matched: str | None) -> str:
    if matched:
        return str(_texts()["watched"].format(words=_shortened(matched)))
    said = [line.text for line in transcript if line.author is Author.CUSTOMER]
    if not said:
        return ""
    # Numbers and addresses stand on the cards; a wish for a person says nothing about the matter, so
    # what came before it is quoted, too.
    telling = [text for text in said if len(text.split()) >= FEWEST_WORDS] or said
    return str(_texts()["last_said"].format(text=_shortened(" / ".join(telling[-2:]))))


def _shortened(text: str) -> str:
    return text if len(text) <= QUOTE_LENGTH else text[: QUOTE_LENGTH - 1].rstrip() + "…"


def why_refused(response: str) -> str:
    """A refusal in an agent's words: by its own name, or by the rule at the end of it."""
    refusals = _texts()["refusals"]
    rule = response.rpartition("_refused_")[2]
    return str(refusals.get(response) or refusals.get(rule) or refusals["other"])


def _tried(tried: list[Tried]) -> list[str]:
    """The newest entry of each kind, in the order in which the bot works."""
    newest = {entry.kind: entry.data for entry in tried}
    sentences = []
    if intents := newest.get(LedgerKind.UNDERSTOOD, {}).get("intents"):
        sentences.append(_understood(intents[0]))
    if article := newest.get(LedgerKind.ARTICLE):
        sentences.append(_texts()["article"].format(title=article.get("title", "")))
    if refused := newest.get(LedgerKind.REFUSED):
        sentences.append(_texts()["refused"].format(why=why_refused(str(refused.get("response")))))
    if error_id := newest.get(LedgerKind.ACTION, {}).get("error_id"):
        sentences.append(_texts()["failed"].format(error_id=error_id))
    if effect := newest.get(LedgerKind.EFFECT):
        sentences.append(_texts()["effect"].format(action=str(effect.get("action", "")).replace("_", " ")))
    return sentences


def _understood(best: dict[str, Any]) -> str:
    if best["name"] == NOT_UNDERSTOOD:
        return str(_texts()["not_understood"])
    intent = best["name"].replace("_", " ")
    return str(_texts()["understood"].format(intent=intent, percent=round(best["confidence"] * 100)))


def _order(order: OrderCard) -> str:
    return str(_texts()["orders"].format(number=order.number, status=order.status, total=order.total))


def _tone(sentiment: Sentiment) -> str:
    if sentiment.latest <= UPSET_BELOW:
        return str(_texts()["sentiment"]["upset"])
    if sentiment.trend == "falling":
        return str(_texts()["sentiment"]["falling"])
    return ""
