"""A new address: nothing changes without the mailbox and a clear yes."""

import pytest

from actions.support_action import Dependencies
from crm.database import Database
from crm.orders.models import OrderStatus
from crm.orders.services import order_by_number
from tests.actions.account_talk import EMAIL, begun, stored
from tests.actions.form_talk import FormTalk
from tests.crm.factories import stored_conversation, stored_order
from tests.crm.mailbox import codes_sent

NEW = "7 The Green, Norwich, NR2 1AA"

pytestmark = pytest.mark.usefixtures("quick_codes")


async def moving(dependencies: Dependencies, database: Database, text: str, **entities: str) -> FormTalk:
    return await begun(dependencies, database, "change_address_form", text, "change_address", **entities)


async def test_a_new_address_is_read_back_and_saved_on_a_yes(
    dependencies: Dependencies, database: Database
) -> None:
    await stored_order(database, email=EMAIL, status=OrderStatus.DELIVERED)
    talk = await moving(dependencies, database, "i have moved")
    assert talk.slots["requested_slot"] == "address_text"
    await talk.give("7 the green norwich")
    assert talk.slots["requested_slot"] == "address_text"
    await talk.give(NEW)
    asked = await talk.ask()
    assert asked.responses == ["utter_address_confirm_account"]
    assert NEW in asked.texts[0]
    await talk.give("yes please", "affirm")
    saved = await talk.submit()
    assert saved.responses == ["utter_address_saved"]
    assert saved.attachment["lines"][0]["value"] == NEW
    customer, order, entries = await stored(database)
    assert customer.addresses[0].postcode == "NR2 1AA"
    assert order.ship_to_postcode == "LA9 4AB"
    assert [entry.action for entry in entries] == ["change_shipping_address"]


async def test_an_order_that_is_not_packed_is_offered_and_redirected(
    dependencies: Dependencies, database: Database
) -> None:
    await stored_order(database, email=EMAIL)
    talk = await moving(dependencies, database, f"change my address to {NEW}")
    asked = await talk.ask()
    assert asked.responses == ["utter_address_orders_not_packed"]
    assert "order MM-10432" in asked.texts[0]
    await talk.give("/inform", address_for="both")
    assert (await talk.ask()).responses == ["utter_address_confirm_both"]
    await talk.give("yes", "affirm")
    await talk.submit()
    customer, order, _ = await stored(database)
    assert (customer.addresses[0].postcode, order.ship_to_postcode) == ("NR2 1AA", "NR2 1AA")


async def test_an_order_placed_after_the_address_was_read_back_goes_where_it_was_to_go(
    dependencies: Dependencies, database: Database
) -> None:
    first = await stored_order(database, email=EMAIL)
    talk = await moving(dependencies, database, f"change my address to {NEW}")
    await talk.give("/inform", address_for="both")
    read_back = await talk.ask()
    later = await stored_order(database, "MM-10499")
    async with database.transaction() as session:
        (await order_by_number(session, later.number)).customer_id = first.customer_id
    assert "MM-10499" not in read_back.texts[0]
    assert (await talk.ask()).texts == read_back.texts
    await talk.give("yes", "affirm")
    saved = await talk.submit()
    assert saved.attachment["lines"][1]["value"] == "your account, MM-10432"
    async with database.reading() as session:
        later = await order_by_number(session, "MM-10499")
    assert later.ship_to_postcode == "LA9 4AB"


async def test_only_the_order_can_be_meant(dependencies: Dependencies, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    talk = await moving(dependencies, database, f"send MM-10432 to {NEW}", order_number="MM-10432")
    await talk.give("only the order")
    assert (await talk.ask()).responses == ["utter_address_confirm_order"]
    await talk.give("yes", "affirm")
    await talk.submit()
    customer, order, entries = await stored(database)
    assert (customer.addresses[0].postcode, order.ship_to_postcode) == ("LA9 4AB", "NR2 1AA")
    assert [entry.action for entry in entries] == ["redirect_order"]


@pytest.mark.parametrize(
    ("status", "refused"),
    [(OrderStatus.PACKING, "packing"), (OrderStatus.SHIPPED, "shipped"), (OrderStatus.DELIVERED, "over")],
)
async def test_an_order_too_far_on_its_way_says_so_and_the_account_is_offered(
    dependencies: Dependencies, database: Database, status: OrderStatus, refused: str
) -> None:
    await stored_order(database, email=EMAIL, status=status)
    talk = FormTalk(dependencies, await stored_conversation(database), "change_address_form")
    await talk.give("wrong address on MM-10432", "change_address", order_number="MM-10432", email=EMAIL)
    await talk.ask()
    code = (await codes_sent(database, EMAIL))[-1]
    told = await talk.give(code, one_time_code=code)
    assert told.responses == [f"utter_address_order_refused_{refused}"]
    assert (await talk.give(NEW)).responses == []
    assert (await talk.ask()).responses == ["utter_address_confirm_account"]


async def test_a_billing_address_is_another_one_and_moves_no_order(
    dependencies: Dependencies, database: Database
) -> None:
    await stored_order(database, email=EMAIL)
    talk = await moving(dependencies, database, f"my billing address is now {NEW}")
    assert (await talk.ask()).responses == ["utter_address_confirm_billing"]
    await talk.give("yes", "affirm")
    await talk.submit()
    customer, order, entries = await stored(database)
    assert [(each.kind.value, each.postcode) for each in customer.addresses] == [
        ("shipping", "LA9 4AB"),
        ("billing", "NR2 1AA"),
    ]
    assert order.ship_to_postcode == "LA9 4AB"
    assert [entry.action for entry in entries] == ["change_billing_address"]


async def test_a_corrected_address_needs_a_yes_of_its_own(
    dependencies: Dependencies, database: Database
) -> None:
    await stored_order(database, email=EMAIL, status=OrderStatus.DELIVERED)
    talk = await moving(dependencies, database, f"change it to {NEW}")
    await talk.give("no, 9 The Green, Norwich, NR2 1AA", "deny")
    assert talk.slots["requested_slot"] == "confirmation"
    assert talk.slots["address_text"].startswith("9 The Green")
    await talk.give("yes 9 The Green, Norwich, NR2 1AA", "affirm")
    assert talk.slots["requested_slot"] == "confirmation"
    await talk.give("no", "deny")
    assert (await talk.submit()).responses == ["utter_address_kept"]
    assert (await stored(database))[2] == []


async def test_a_yes_that_was_left_behind_saves_nothing(
    dependencies: Dependencies, database: Database
) -> None:
    await stored_order(database, email=EMAIL, status=OrderStatus.DELIVERED)
    talk = await moving(dependencies, database, f"change it to {NEW}")
    await talk.give("hello", "greet")
    talk.slots["confirmation"] = True
    assert (await talk.submit()).responses == ["utter_please_identify"]
    assert (await stored(database))[2] == []


@pytest.mark.parametrize("submit", ["change_address_form", "change_contact_form", "delete_account_form"])
async def test_without_the_mailbox_nothing_happens(
    dependencies: Dependencies, database: Database, submit: str
) -> None:
    """As when the action server was down while the form was asking."""
    await stored_order(database, email=EMAIL)
    talk = FormTalk(dependencies, await stored_conversation(database), submit)
    await talk.give("yes", "affirm")
    unchecked = {"confirmation": True, "address_text": NEW, "address_for": "account", "data_wish": "erase"}
    talk.slots |= {
        **unchecked,
        "contact_field": "phone",
        "contact_text": "07700 900123",
        "form_problem": None,
    }
    assert (await talk.submit()).responses == ["utter_please_identify"]
    assert (await stored(database))[2] == []
