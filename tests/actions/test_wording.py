"""Words live in the responses: none is missing, none is left over, and none is written in the code."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import crm
from crm.attachments.errors import PhotoRule
from crm.complaints.models import ComplaintKind, Wish
from crm.complaints.rules import NotYetRule
from crm.customers.addresses import AddressProblem
from crm.customers.consent_rules import ConsentRule
from crm.customers.rules import RedirectRule
from crm.errors import SupportError
from crm.operations.errors import UndoRule
from crm.orders.change_rules import ChangeRule
from crm.orders.models import OrderStatus
from crm.orders.rules import CancelRule, Instead
from crm.payments.method_rules import MethodRule
from crm.payments.models import PaymentStatus
from crm.payments.rules import InvoiceRule, PaymentStanding
from crm.policy import policy
from crm.refunds.models import RefundReason
from crm.refunds.recommending import Advice
from crm.refunds.rules import RefundRule
from crm.refunds.whereabouts import Where
from crm.refunds.withdraw_rules import WithdrawRequestRule
from crm.returns.rules import ReturnRule
from crm.returns.withdraw_rules import WithdrawRule
from escalation.summary import why_refused
from tests.actions.rasa import RESPONSES, ROOT

ACTIONS = sorted((ROOT / "actions").rglob("*.py"))
CUSTOMERS_UNDO = list(policy().undo.minutes)
# Names that are put together, and what is put into them.
PATTERNS: dict[str, list[str]] = {
    "utter_order_status_{}": [status.value for status in OrderStatus],
    "utter_order_status_shipped_{}": ["late", "untracked"],
    "utter_order_status_delivered_{}": ["undated"],
    "utter_label_status_{}": [status.value for status in OrderStatus],
    "utter_arrival_{}": ["estimated", "unpaid", "late"],
    "utter_change_order_{}": [each.value for each in Instead],
    "utter_label_status_in_words_{}": [status.value for status in OrderStatus],
    "utter_{}_cancel_reason": ["ask"],
    "utter_change_confirm_{}": ["same_price", "dearer", "cheaper"],
    "utter_change_refused_{}": [rule.value for rule in ChangeRule],
    "utter_method_refused_{}": [rule.value for rule in MethodRule],
    "utter_undo_refused_{}": [rule.value for rule in UndoRule],
    "utter_undo_account_refused_{}": [rule.value for rule in UndoRule if rule is not UndoRule.SOLD_OUT],
    "utter_undo_confirm_{}": CUSTOMERS_UNDO,
    "utter_undo_done_{}": CUSTOMERS_UNDO,
    "utter_cancel_refused_{}": [rule.value for rule in CancelRule],
    "utter_refund_refused_{}": [rule.value for rule in RefundRule],
    "utter_return_refused_{}": [rule.value for rule in ReturnRule],
    "utter_invoice_refused_{}": [rule.value for rule in InvoiceRule],
    "utter_refund_status_{}": [where.value for where in Where],
    "utter_label_refund_where_{}": [where.value for where in Where],
    "utter_label_refund_advice_{}": [advice.value for advice in Advice],
    "utter_label_refund_reason_{}": [reason.value for reason in RefundReason],
    "utter_payment_{}": [standing.value for standing in PaymentStanding],
    "utter_label_payment_{}": [status.value for status in PaymentStatus],
    "utter_{}_order_items": ["invalid", "no"],
    "utter_{}_order_pieces": ["invalid", "no"],
    "utter_{}_wanted_variant": ["invalid", "no"],
    "utter_{}_return_method": ["invalid", "no"],
    "utter_withdraw_refused_{}": [rule.value for rule in WithdrawRule],
    "utter_withdraw_request_refused_{}": [rule.value for rule in WithdrawRequestRule],
    "utter_{}_return_sealed": ["ask", "invalid", "no"],
    "utter_{}_return_reason": ["ask", "invalid", "no"],
    "utter_{}_refund_reason": ["ask", "invalid", "no"],
    "utter_complaint_sorry_{}": [kind.value for kind in ComplaintKind],
    "utter_complaint_passed_on_{}": [kind.value for kind in ComplaintKind],
    "utter_complaint_refused_{}": [rule.value for rule in NotYetRule],
    "utter_label_complaint_{}": [kind.value for kind in ComplaintKind],
    "utter_label_wish_{}": [wish.value for wish in Wish],
    "utter_ask_complaint_form_{}": ["order_number", "email"],
    "utter_ask_item_{}": ["damaged", "missing", "wrong_item"],
    "utter_ask_problem_{}": ["damaged", "missing", "wrong_item"],
    "utter_{}_complaint_wish": ["invalid", "no"],
    "utter_no_{}_text": ["complaint_item", "problem", "address", "contact"],
    "utter_ask_{}_form_email": [
        "change_address",
        "change_contact",
        "change_newsletter",
        "delete_account",
        "gift_card_balance",
        "list_orders",
        "find_order",
    ],
    "utter_address_{}": [problem.value for problem in AddressProblem],
    "utter_address_order_refused_{}": [
        rule.value for rule in RedirectRule if rule is not RedirectRule.OTHER_COUNTRY
    ],
    "utter_address_confirm_{}": ["account", "order", "both"],
    "utter_label_address_{}": ["account", "order", "both"],
    "utter_{}_address_for": ["invalid", "no"],
    "utter_ask_{}_text": ["address", "product_name"],
    "utter_no_product_name_{}": ["text"],
    "utter_{}_contact_field": ["ask", "invalid", "no"],
    "utter_ask_contact_{}": ["phone", "email", "name"],
    "utter_contact_not_{}": ["phone", "email"],
    "utter_contact_confirm_{}": ["phone", "email", "name"],
    "utter_delete_confirm_{}": ["erase", "copy"],
    "utter_delete_passed_on_{}": ["erase", "copy"],
    "utter_newsletter_{}": [rule.value for rule in ConsentRule],
    "utter_newsletter_confirm_{}": ["wanted", "stopped"],
    "utter_newsletter_done_{}": ["wanted", "stopped"],
    "utter_label_newsletter_{}": ["wanted", "stopped"],
    "utter_{}_newsletter_wish": ["ask", "invalid", "no"],
    "utter_photo_refused_{}": [rule.value for rule in PhotoRule],
    "utter_no_{}": ["order_number", "email", "one_time_code", "person_name", "postcode"],
    "utter_invalid_{}": [
        "order_number",
        "email",
        "one_time_code",
        "confirmation",
        "order_hint_text",
        "person_name",
        "postcode",
    ],
    "utter_ask_{}": ["order_number", "email", "order_hint_text", "person_name", "postcode"],
}
COMPOSED = {pattern.format(value) for pattern, values in PATTERNS.items() for value in values}
# A capital and a second word: how a sentence for customers begins.
SENTENCE = re.compile(r"^[A-Z][a-z']+[,!.]? [a-z]")


def strings(path: Path) -> Iterator[str]:
    """Every string in a module that is not a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def errors_of_the_crm() -> list[type[SupportError]]:
    for module in pkgutil.walk_packages(crm.__path__, "crm."):
        if module.name.endswith(".errors"):
            importlib.import_module(module.name)
    found, fresh = set(), [SupportError]
    while fresh:
        fresh = [child for parent in fresh for child in parent.__subclasses__()]
        found |= {child for child in fresh if child.__module__.startswith("crm.")}
    return sorted(found, key=lambda error: error.__name__)


def test_every_response_named_in_an_action_exists() -> None:
    named = {text for path in ACTIONS for text in strings(path) if re.fullmatch(r"utter_\w*[a-z]", text)}
    # Rasa's name for what a response was called.
    assert named - RESPONSES.keys() == {"utter_action"}


def test_every_composed_name_exists() -> None:
    assert COMPOSED - RESPONSES.keys() == set()


@pytest.mark.parametrize("error", errors_of_the_crm(), ids=lambda error: error.__name__)
def test_every_error_has_words(error: type[SupportError]) -> None:
    assert error.response in RESPONSES


def test_no_response_is_left_over() -> None:
    used = {text for path in ACTIONS for text in strings(path)} | COMPOSED
    used |= {error.response for error in errors_of_the_crm()}
    rules = "".join(path.read_text() for path in (ROOT / "nlu_data" / "rules").glob("*.yml"))
    used |= set(re.findall(r"utter_\w+", rules))
    left_over = {
        name for name in RESPONSES if name not in used and not name.startswith("utter_label_intent_")
    }
    assert left_over == set()


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_action_has_a_sentence_for_customers_in_it(path: Path) -> None:
    assert [text for text in strings(path) if SENTENCE.match(text)] == []


@pytest.mark.parametrize("name", RESPONSES)
def test_every_response_says_something_in_one_piece(name: str) -> None:
    """An empty line would make Rasa send two messages."""
    for variation in RESPONSES[name]:
        assert variation["text"].strip()
        assert "\n" not in variation["text"]


@pytest.mark.parametrize("name", [name for name in RESPONSES if not name.startswith("utter_label_")])
def test_what_can_come_twice_in_a_row_has_two_wordings(name: str) -> None:
    once = {"utter_answer", "utter_please_identify", "utter_cancel_refused_delivered_long_ago"}
    once |= {"utter_order_status_delivered_undated"}
    assert len(RESPONSES[name]) >= 2 or name in once


# The style page's rules, docs/wording.md, as far as they can be counted.
LONGEST, LONGEST_LABEL, LONGEST_BUTTON = 240, 40, 26
MOST_SENTENCES, MOST_BUTTONS, MOST_ANSWERS = 3, 3, 5
NEVER = re.compile(
    r"\b(?:unfortunately|invalid|oops|oh no|kindly|apologi[sz]e|apologies|dear customer|valued|as an ai"
    r"|please note|regret|inconvenience|terminat\w*|erroneous|aforementioned"
    r"|\w+ has been (?:rejected|denied))\b",
    re.I,
)
SAID = {name: texts for name, texts in RESPONSES.items() if not name.startswith("utter_label_")}


def spoken(name: str) -> list[str]:
    """The wordings without what actions put in, which may be anything."""
    return [re.sub(r"{\w+}", "x", variation["text"]) for variation in RESPONSES[name]]


@pytest.mark.parametrize("name", RESPONSES)
def test_no_response_is_a_wall_of_text(name: str) -> None:
    longest = LONGEST_LABEL if name not in SAID else LONGEST
    for text in spoken(name):
        assert len(text) <= longest
        sentences = [each for each in re.split(r"(?<=[.!?])\s+", text) if len(each.split()) > 2]
        assert len(sentences) <= MOST_SENTENCES


@pytest.mark.parametrize("name", SAID)
def test_no_response_shouts_gushes_or_sounds_like_a_form(name: str) -> None:
    for text in spoken(name):
        assert text.count("!") <= 1
        assert len(re.findall(r"\bsorry\b", text, re.I)) <= 1, "sorry once, then help"
        assert not NEVER.search(text)
        assert all(ord(character) < 0x2190 for character in text), "no emoji"


@pytest.mark.parametrize("name", SAID)
def test_the_wordings_of_a_response_differ_and_use_names_that_exist(name: str) -> None:
    texts = [variation["text"] for variation in RESPONSES[name]]
    assert len(set(texts)) == len(texts)
    assert all(re.fullmatch(r"[^{}]*(?:{\w+}[^{}]*)*", text) for text in texts)


@pytest.mark.parametrize("name", SAID)
def test_choices_are_few_and_short(name: str) -> None:
    for variation in RESPONSES[name]:
        buttons = variation.get("buttons", [])
        answers = all(button["payload"].startswith("/inform{") for button in buttons)
        assert len(buttons) <= (MOST_ANSWERS if answers else MOST_BUTTONS)
        assert all(len(button["title"]) <= LONGEST_BUTTON for button in buttons)


@pytest.mark.parametrize("name", [name for name in SAID if "_refused" in name])
def test_a_no_says_which_rule_and_what_is_possible(name: str) -> None:
    """As far as it can be counted: the reason, and after it a sentence, a clause or a choice that goes on."""
    for variation in RESPONSES[name]:
        goes_on = re.search(r"[.,;:]\s+\S+", variation["text"])
        assert goes_on or variation.get("buttons")


@pytest.mark.parametrize("name", [name for name in SAID if "_refused" in name])
def test_an_agent_reads_the_rule_of_every_refusal(name: str) -> None:
    assert why_refused(name) != why_refused("utter_unknown")


def test_every_choice_leads_to_an_intent_with_a_rule() -> None:
    rules = "".join(path.read_text() for path in (ROOT / "nlu_data" / "rules").glob("*.yml"))
    intents = set(re.findall(r"intent: (\w+)", rules))
    choices = {
        re.split(r"[/{]", button["payload"])[1]
        for variations in RESPONSES.values()
        for variation in variations
        for button in variation.get("buttons", [])
    }
    assert choices <= intents
