"""Changing an order in the chat: items, payment, and back again; nothing without a clear yes."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from actions.support_action import Dependencies
from crm.database import Database
from crm.orders.models import OrderStatus
from crm.orders.services import order_by_number
from crm.payments.delivery import deliver_due_payments
from crm.payments.sandbox import SandboxProvider
from crm.products.services import take_from_stock
from tests.actions.form_talk import FormTalk
from tests.actions.rasa import Outcome
from tests.crm.factories import NOW, stored_conversation
from tests.crm.mailbox import codes_sent
from tests.crm.wardrobe import EMAIL, JUMPER, NUMBER, balance_now, order_now, stored_wardrobe

pytestmark = pytest.mark.usefixtures("quick_codes")


class Customer:
    """One conversation of the customer, form after form."""

    def __init__(self, dependencies: Dependencies, database: Database, conversation_id: str) -> None:
        self.dependencies, self.database, self.conversation_id = dependencies, database, conversation_id
        self.talk: FormTalk

    async def wants(self, form: str, intent: str, text: str) -> Outcome:
        """Say it with the order and the e-mail address, and type the code that comes."""
        self.talk = FormTalk(self.dependencies, self.conversation_id, form)
        outcome = await self.talk.give(text, intent, order_number=NUMBER, email=EMAIL)
        return await self.type_the_code() if self.asked == "one_time_code" else outcome

    async def type_the_code(self) -> Outcome:
        await self.talk.ask()
        code = (await codes_sent(self.database, EMAIL))[-1]
        return await self.talk.give(code, one_time_code=code)

    async def says(self, text: str, intent: str = "inform", **entities: str) -> Outcome:
        outcome = await self.talk.give(text, intent, **entities)
        return await self.type_the_code() if self.asked == "one_time_code" else outcome

    async def yes(self) -> Outcome:
        await self.talk.give("yes", "affirm")
        return await self.talk.submit()

    @property
    def asked(self) -> str | None:
        asked: str | None = self.talk.slots["requested_slot"]
        return asked


@pytest.fixture
async def customer(dependencies: Dependencies, database: Database) -> Customer:
    return Customer(dependencies, database, await stored_conversation(database))


async def items_of(database: Database) -> list[str]:
    return [line.name for line in (await order_now(database)).lines]


def titles(outcome: Outcome) -> list[str]:
    return [choice["title"] for choice in outcome.choices]


class TestItems:
    async def test_a_thing_becomes_another_variant_after_a_yes(
        self, customer: Customer, database: Database
    ) -> None:
        await stored_wardrobe(database)
        await customer.wants("change_order_form", "change_order", "can i change my order")
        assert customer.asked == "order_items"
        assert titles(await customer.talk.ask())[:2] == [f"{JUMPER}, Oat, M", "2 × Kiln Stoneware Mug, Moss"]
        await customer.says("/inform", order_items="1")
        assert customer.asked == "wanted_variant"
        offered = titles(await customer.talk.ask())
        assert offered == [
            "Oat, L, £59.90, available",
            "Heather, L, £64.90, available",
            "Heather, M, £49.90, available",
        ]
        await customer.says("the heather one in L")
        assert customer.asked == "return_method"
        asked = await customer.talk.ask()
        assert titles(asked) == ["Visa ending 4242", "PayPal", "Gift card ending 0815 (£20.00 left)"]
        await customer.says("paypal")
        assert customer.asked == "confirmation"
        confirm = await customer.talk.ask()
        assert confirm.texts == [
            f"In order {NUMBER}, {JUMPER}, Oat, M becomes {JUMPER}, Heather, L, and PayPal pays the £5.00 it "
            "costs more. Shall I?"
        ]
        assert (await items_of(database))[0] == f"{JUMPER}, Oat, M"
        done = await customer.yes()
        assert done.responses == ["utter_change_done"]
        assert done.attachment["reference"] == f"{NUMBER}-O1"
        assert titles(done) == ["Undo it (until 09:45)"]
        assert (await items_of(database))[0] == f"{JUMPER}, Heather, L"

    async def test_what_was_said_at_first_is_not_asked_for(
        self, customer: Customer, database: Database
    ) -> None:
        await stored_wardrobe(database)
        await customer.wants("change_order_form", "change_order", f"the jumper in {NUMBER} in size L instead")
        assert customer.asked == "confirmation"
        assert (await customer.talk.ask()).responses == ["utter_change_confirm_same_price"]

    async def test_several_things_change_together(self, customer: Customer, database: Database) -> None:
        await stored_wardrobe(database)
        await customer.wants("change_order_form", "change_order", "change two things")
        await customer.says("/inform", order_items="all")
        await customer.says("heather in M")
        assert customer.asked == "wanted_variant"
        assert "Mug" in (await customer.talk.ask()).texts[0]
        await customer.says("rust")
        await customer.says("the way i paid")
        assert customer.asked == "confirmation"
        await customer.yes()
        assert await items_of(database) == [f"{JUMPER}, Heather, M", "Kiln Stoneware Mug, Rust"]

    async def test_of_several_pieces_it_is_asked_how_many(
        self, customer: Customer, database: Database
    ) -> None:
        await stored_wardrobe(database)
        await customer.wants("change_order_form", "change_order", "change the mugs to rust")
        assert customer.asked == "order_pieces"
        assert titles(await customer.talk.ask()) == ["1", "2"]
        await customer.says("just one")
        assert customer.asked == "return_method"
        await customer.says("visa")
        assert (await customer.talk.ask()).texts == [
            f"In order {NUMBER}, 1 of 2 × Kiln Stoneware Mug, Moss becomes Kiln Stoneware Mug, Rust, and "
            "Visa ending 4242 pays the £1.00 it costs more. Shall I?"
        ]
        done = await customer.yes()
        changed = [line["value"] for line in done.attachment["lines"] if "→" in line["value"]]
        assert changed == ["1 of 2 × Kiln Stoneware Mug, Moss → Kiln Stoneware Mug, Rust"]
        assert (await items_of(database))[1:] == ["Kiln Stoneware Mug, Moss", "Kiln Stoneware Mug, Rust"]

    async def test_how_many_may_be_said_at_first_and_corrected_at_last(
        self, customer: Customer, database: Database
    ) -> None:
        await stored_wardrobe(database)
        await customer.wants("change_order_form", "change_order", "make one of the two mugs rust")
        assert customer.asked == "return_method"
        await customer.says("visa")
        assert "1 of 2 ×" in (await customer.talk.ask()).texts[0]
        await customer.says("no, make it two", "deny")
        assert customer.asked == "confirmation"
        assert "2 × Kiln Stoneware Mug, Rust" in (await customer.talk.ask()).texts[0]

    async def test_a_cheaper_one_may_fill_a_gift_card(self, customer: Customer, database: Database) -> None:
        await stored_wardrobe(database, balance=100)
        await customer.wants("change_order_form", "change_order", "can you change the jumper to heather M")
        await customer.says("my gift card")
        await customer.yes()
        assert await balance_now(database) == 1100

    async def test_another_size_named_at_the_last_question_is_read_back_anew(
        self, customer: Customer, database: Database
    ) -> None:
        await stored_wardrobe(database)
        await customer.wants("change_order_form", "change_order", "the jumper in size L instead")
        await customer.says("no, heather in size L", "ask_size")
        await customer.says("visa")
        assert customer.asked == "confirmation"
        assert "Heather, L" in (await customer.talk.ask()).texts[0]

    async def test_no_leaves_everything(self, customer: Customer, database: Database) -> None:
        await stored_wardrobe(database)
        await customer.wants("change_order_form", "change_order", "the jumper in size L instead")
        await customer.says("no", "deny")
        assert (await customer.talk.submit()).responses == ["utter_change_left_alone"]
        assert (await items_of(database))[0] == f"{JUMPER}, Oat, M"

    async def test_the_second_change_is_refused_with_its_rule_and_before_any_question(
        self, customer: Customer, database: Database
    ) -> None:
        await stored_wardrobe(database)
        await customer.wants("change_order_form", "change_order", "the jumper in size L instead")
        await customer.yes()
        await customer.wants("change_order_form", "change_order", "and now the mugs in rust")
        assert customer.asked is None
        assert (await customer.talk.submit()).responses == ["utter_change_refused_changed_before"]

    async def test_what_is_sold_out_is_said_and_others_are_offered(
        self, customer: Customer, database: Database
    ) -> None:
        wardrobe = await stored_wardrobe(database)
        async with database.transaction() as session:
            assert await take_from_stock(session, wardrobe.variants["Oat, L"], 10)
        await customer.wants("change_order_form", "change_order", "change the jumper")
        assert customer.asked == "wanted_variant"
        said = await customer.says("in L please")
        assert said.responses == ["utter_variant_not_there"]
        assert customer.asked == "wanted_variant"

    async def test_nothing_is_changed_once_it_is_packed(self, customer: Customer, database: Database) -> None:
        await stored_wardrobe(database)
        await customer.wants("change_order_form", "change_order", "the jumper in size L instead")
        async with database.transaction() as session:
            (await order_by_number(session, NUMBER)).status = OrderStatus.PACKING
        assert (await customer.yes()).responses == ["utter_change_refused_packing"]

    async def test_a_repeated_turn_changes_once(self, customer: Customer, database: Database) -> None:
        await stored_wardrobe(database)
        await customer.wants("change_order_form", "change_order", "the jumper in size L instead")
        first, second = await customer.yes(), await customer.talk.submit()
        assert first.attachment == second.attachment


class TestPayment:
    async def test_another_card_pays_after_a_yes(self, customer: Customer, database: Database) -> None:
        await stored_wardrobe(database)
        await customer.wants("change_payment_form", "change_payment_method", "pay it another way")
        # The only one that can pay it is not asked for.
        assert customer.asked == "confirmation"
        assert (await customer.talk.ask()).texts == [
            f"I'll take £87.90 for order {NUMBER} from PayPal on Tuesday 3 November, and once that has "
            "worked £87.90 goes back to Visa ending 4242. Shall I?"
        ]
        assert len((await order_now(database)).payments) == 1
        done = await customer.yes()
        assert done.responses == ["utter_payment_change_done"]
        assert done.attachment["title"] == "Payment changed"
        assert len((await order_now(database)).payments) == 2

    async def test_the_way_named_at_first_is_taken(self, customer: Customer, database: Database) -> None:
        await stored_wardrobe(database)
        text = "can i pay with paypal instead of my visa"
        await customer.wants("change_payment_form", "change_payment_method", text)
        assert customer.asked == "confirmation"

    async def test_a_gift_card_with_too_little_is_explained(
        self, customer: Customer, database: Database
    ) -> None:
        await stored_wardrobe(database)
        told = await customer.wants("change_payment_form", "change_payment_method", "use my gift card")
        assert told.responses == ["utter_method_holds_less"]
        assert customer.asked == "confirmation"
        assert "PayPal" in (await customer.talk.ask()).texts[0]

    async def test_of_several_that_can_pay_one_is_chosen(
        self, customer: Customer, database: Database
    ) -> None:
        await stored_wardrobe(database, balance=9000)
        await customer.wants("change_payment_form", "change_payment_method", "another way please")
        assert customer.asked == "return_method"
        offered = titles(await customer.talk.ask())
        assert offered == ["PayPal", "Gift card ending 0815 (£90.00 left)"]
        await customer.says("/inform", return_method="3")
        await customer.yes()
        assert await balance_now(database) == 9000 - 8790

    async def test_the_yes_is_for_the_way_that_was_read_back_though_a_payment_settles_in_between(
        self, customer: Customer, database: Database, tmp_path: Path
    ) -> None:
        await stored_wardrobe(database, balance=9000)
        text = "can i pay with paypal instead of my visa"
        await customer.wants("change_payment_form", "change_payment_method", text)
        await customer.yes()
        await customer.wants("change_payment_form", "change_payment_method", "use my gift card after all")
        assert "Gift card ending 0815" in (await customer.talk.ask()).texts[0]
        provider = SandboxProvider(tmp_path / "provider.db")
        for hours in (1, 2):
            await deliver_due_payments(database, provider, NOW + timedelta(hours=hours))
        assert [each.refundable for each in (await order_now(database)).payments] == [0, 8790]
        done = await customer.yes()
        assert done.responses == ["utter_payment_change_done"]
        assert (await order_now(database)).payments[-1].label == "Gift card ending 0815"

    @pytest.mark.parametrize("status", [OrderStatus.PACKING, OrderStatus.DELIVERED])
    async def test_it_is_refused_before_any_code(
        self, customer: Customer, database: Database, status: OrderStatus
    ) -> None:
        await stored_wardrobe(database, status=status)
        await customer.wants("change_payment_form", "change_payment_method", "use paypal")
        assert (await customer.talk.submit()).responses == [f"utter_method_refused_{status.value}"]
        assert await codes_sent(database, EMAIL) == []


class TestUndo:
    async def test_the_latest_change_is_taken_back_after_a_yes(
        self, customer: Customer, database: Database
    ) -> None:
        await stored_wardrobe(database)
        await customer.wants("change_order_form", "change_order", "the jumper in size L instead")
        await customer.yes()
        await customer.wants("undo_change_form", "undo_change", "undo that")
        assert (await customer.talk.ask()).responses == ["utter_undo_confirm_change_items"]
        first, second = await customer.yes(), await customer.talk.submit()
        assert first.responses == second.responses == ["utter_undo_done_change_items"]
        assert (await items_of(database))[0] == f"{JUMPER}, Oat, M"

    async def test_without_a_change_there_is_nothing_to_take_back(
        self, customer: Customer, database: Database
    ) -> None:
        await stored_wardrobe(database)
        await customer.wants("undo_change_form", "undo_change", "undo that")
        assert (await customer.talk.submit()).responses == ["utter_undo_refused_unknown"]


@pytest.mark.parametrize(
    ("form", "slots"),
    [
        ("change_order_form", {"order_items": "1", "wanted_variant": "1:2", "order_pieces": "all"}),
        ("change_payment_form", {"return_method": "1"}),
        ("undo_change_form", {}),
    ],
)
async def test_nothing_is_done_unproven_even_when_rasa_skipped_the_form(
    dependencies: Dependencies, database: Database, form: str, slots: dict[str, Any]
) -> None:
    await stored_wardrobe(database)
    talk = FormTalk(dependencies, await stored_conversation(database), form)
    await talk.give("yes", "affirm")
    talk.slots |= {"order_number": NUMBER, "email": EMAIL, "confirmation": True, **slots}
    assert (await talk.submit()).responses == ["utter_please_identify"]
    order = await order_now(database)
    assert (len(order.payments), order.lines[0].name) == (1, f"{JUMPER}, Oat, M")
