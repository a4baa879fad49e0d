"""What people read where a rule of the shop refuses."""

from enum import StrEnum

import pytest

from crm.customers.consent_rules import ConsentRule
from crm.customers.contact_rules import ContactRule
from crm.operations.errors import UndoRule
from crm.orders.change_rules import ChangeRule
from crm.orders.rules import CancelRule
from crm.payments.method_rules import MethodRule
from crm.refunds.errors import RefundRefused
from crm.refunds.rules import RefundRefusal, RefundRule
from crm.refunds.withdraw_rules import WithdrawRequestRule
from crm.returns.rules import ReturnRule
from crm.returns.withdraw_rules import WithdrawRule
from gateway.desk.errors import IdentityUnproven
from gateway.errors import code_of, rule_of, told
from gateway.wording import Wording

RULES: dict[str, type[StrEnum]] = {
    "cancellation_refused": CancelRule,
    "change_refused": ChangeRule,
    "consent_unchanged": ConsentRule,
    "contact_refused": ContactRule,
    "method_change_refused": MethodRule,
    "refund_refused": RefundRule,
    "request_withdrawal_refused": WithdrawRequestRule,
    "return_refused": ReturnRule,
    "undo_refused": UndoRule,
    "withdrawal_refused": WithdrawRule,
}


@pytest.fixture
def wording() -> Wording:
    return Wording("en", shop="Maple & Moor")


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_rule_has_words_for_the_agent(wording: Wording, code: str) -> None:
    assert [rule for rule in RULES[code] if not wording.has(f"refusals.{code}.{rule}")] == []


def test_a_refusal_names_its_rule_and_its_days_as_people_write_them(wording: Wording) -> None:
    values = {"order_number": "MM-10432", "return_until": "2026-12-03"}
    error = RefundRefused(RefundRefusal(RefundRule.RETURN_FIRST, values))
    assert (code_of(error), rule_of(error)) == ("refund_refused", "return_first")
    assert told(error, wording) == "It has to come back first, by 3 December 2026."


def test_an_error_that_is_a_rule_by_itself_is_told_by_it(wording: Wording) -> None:
    assert told(IdentityUnproven(), wording).startswith("The customer has not entered the code")
