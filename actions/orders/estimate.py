"""When something arrives: an order on its way, or one that would be placed now."""

import re
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import Draft
from actions.forms.identity import OrderForm, readable_order
from actions.orders.cards import order_card
from actions.orders.status import status_reply
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from actions.wording import plain_day, spoken_day
from crm.days import day_in_shop
from crm.identity.errors import NotProven
from crm.identity.services import order_for_reading
from crm.orders.delivery import Service, Stage, Window, arrival_of, cut_off_on, leaves_on, window_of
from crm.orders.models import Order

ABOUT_ORDER = "estimate_about_order"
# An order that is only thought of, one that has been placed, and delivery as such.
_THOUGHT_OF = re.compile(
    r"\b(?:if (?:i|we)|suppose|say (?:i|we)|could (?:i|we)|(?:i|we|to) (?:order|buy)|ordering"
    r"|would (?:i|we|it|that|they) (?:get|have|come|arrive|take|reach|be (?:in|with|here|at|delivered)))\b",
    re.I,
)
_PLACED = re.compile(
    r"\b(?:my|our|mine|it|it's|its|they|them|on order|due|eta"
    r"|(?:i|we|i've|we've|i have|we have) (?:just )?(?:ordered|bought|placed|paid)"
    r"|the (?:order|parcel|package|delivery man|driver|van|courier))\b",
    re.I,
)
_AS_SUCH = re.compile(
    r"\b(?:standard|express|normal|next[ -]day|working days|shipping|postage|delivery times?|how long)\b",
    re.I,
)


class ValidateDeliveryEstimateForm(OrderForm):
    """Which order, where the question is about one; without an order there is nothing to ask."""

    action_name = "validate_delivery_estimate_form"
    own_intents = frozenset({"delivery_estimate"})

    async def next_question(self, session: AsyncSession, draft: Draft) -> str | None:
        if draft.begins:
            draft.set(ABOUT_ORDER, await self._is_about_an_order(session, draft))
        return await super().next_question(session, draft) if draft.slots.get(ABOUT_ORDER) else None

    async def _is_about_an_order(self, session: AsyncSession, draft: Draft) -> bool:
        if "order_number" in draft.answers:
            return True
        text = draft.turn.text
        if _THOUGHT_OF.search(text):
            return False
        if _PLACED.search(text):
            return True
        if _AS_SUCH.search(text):
            return False
        return await readable_order(session, draft.turn, draft.slots, self.clock()) is not None


class DeliveryEstimate(SupportAction):
    """The day of an order, or the days for one that is placed now."""

    action_name = "action_delivery_estimate"
    forgets = ("form_problem", ABOUT_ORDER)

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem = turn.slots.get("form_problem")
        if problem:
            return Reply().say(problem)
        if not turn.slots.get(ABOUT_ORDER):
            return self._if_ordered_now(turn)
        number = turn.slots.get("order_number")
        if not number:
            raise NotProven
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        return self._of(turn, order)

    def _if_ordered_now(self, turn: CustomerTurn) -> Reply:
        now = self.clock()
        leaves = leaves_on(now)
        # 14:00 is 2 pm, and noon is 12 pm.
        until = f"{cut_off_on(leaves).hour - 12 or 12} pm"
        today = turn.label("utter_label_leaves_today", time=until) if leaves == day_in_shop(now) else None
        return Reply().say(
            "utter_estimate_ordered_now",
            leaves=today or spoken_day(turn, leaves, now),
            express_on=plain_day(window_of(Service.EXPRESS, now).first),
            **_days(window_of(Service.STANDARD, now)),
        )

    def _of(self, turn: CustomerTurn, order: Order) -> Reply:
        now = self.clock()
        arrival = arrival_of(order, now)
        card = order_card(turn, order)
        if arrival.window is None or order.shipments or arrival.stage is Stage.DELIVERED:
            return status_reply(turn, order, now)
        if arrival.stage is Stage.ESTIMATED and arrival.window.first == arrival.window.last:
            day = spoken_day(turn, arrival.window.first, now)
            return Reply().say("utter_arrival_on", attachment=card, number=order.number, day=day)
        return Reply().say(
            f"utter_arrival_{arrival.stage}", attachment=card, number=order.number, **_days(arrival.window)
        )


def _days(window: Window) -> dict[str, Any]:
    return {"first": plain_day(window.first), "last": plain_day(window.last)}
