"""What the desk's interface answers about orders; amounts are written out with their currency."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from crm.complaints.models import ComplaintKind, ComplaintState, Wish
from crm.customers.consent_rules import ConsentSource
from crm.customers.models import AddressKind
from crm.operations.models import OperationKind
from crm.orders.models import Carrier, OrderStatus
from crm.payments.models import PaymentMethod, PaymentStatus
from crm.refunds.models import RefundReason, RequestState
from crm.refunds.recommending import Advice
from crm.returns.models import ReturnKind, ReturnReason, ReturnState
from gateway.openapi.described import Shape


class OrderRow(Shape):
    """An order in a list."""

    number: str
    status: OrderStatus
    placed_at: datetime
    total: str
    items: list[str]


class GiftCard(Shape):
    """A gift card of the customer's."""

    label: str
    balance: str


class Newsletter(Shape):
    """Whether they get it, since when and where they said so."""

    wanted: bool
    at: datetime | None
    source: ConsentSource | None


class CustomerView(Shape):
    """The conversation's customer."""

    id: int
    name: str
    gift_cards: list[GiftCard]
    newsletter: Newsletter
    email: str | None = None
    phone: str | None = None
    addresses: dict[AddressKind, str | None] = Field(default_factory=dict)
    operations: list["OperationView"] = Field(default_factory=list)
    timeline: list["Happened"] = Field(default_factory=list)


class OrdersOfConversation(Shape):
    """No customer and no orders where nobody is known; `proven` where they entered the code."""

    customer: CustomerView | None
    proven: bool
    orders: list[OrderRow]


class Buyer(Shape):
    """Whose order it is."""

    id: int
    name: str
    email: str
    phone: str | None


class Books(Shape):
    """The order's money; `drift` is None unless the books do not add up."""

    paid: str
    refunded: str | None
    value: str
    owed_to_customer: str | None
    owed_by_customer: str | None
    drift: str | None


class OtherVariant(Shape):
    """What a line could be instead."""

    id: int
    label: str
    price: str
    available: bool


class OrderedLine(Shape):
    """So many of one thing; `gone` are cancelled or returned."""

    id: int
    name: str
    quantity: int
    gone: int
    price: str
    paid: str
    credited: str | None
    for_exchange: bool
    variant_id: int
    variants: list[OtherVariant]


class Method(Shape):
    """A way to pay on file; `balance` is a gift card's."""

    id: int
    label: str
    balance: str | None


class PaymentView(Shape):
    """Money from the customer."""

    label: str
    method: PaymentMethod
    amount: str
    refunded: str | None
    status: PaymentStatus
    failure: str | None


class Parcel(Shape):
    """A parcel on its way or there."""

    carrier: Carrier
    tracking_code: str
    expected_on: date
    delivered_at: datetime | None


class ReturnedLine(Shape):
    """What comes back; `wanted` is what an exchange gives for it."""

    line_id: int
    name: str
    quantity: int
    wanted: str | None


class ReturnView(Shape):
    """Goods on their way back."""

    reference: str
    kind: ReturnKind
    reason: ReturnReason
    state: ReturnState
    amount: str
    difference: str | None
    announced_at: datetime
    received_at: datetime | None
    closed_at: datetime | None
    lines: list[ReturnedLine]


class RequestedLine(Shape):
    """What money is asked back for."""

    name: str
    quantity: int


class RefundRequestView(Shape):
    """Money asked back; `advice` as long as it is to be decided."""

    reference: str
    reason: RefundReason
    state: RequestState
    amount: str
    created_at: datetime
    advice: Advice | None
    lines: list[RequestedLine]


class Photo(Shape):
    """A customer's photo; the picture is at /api/desk/attachments/{id}."""

    id: str
    name: str


class ComplaintView(Shape):
    """What the customer reported; `details` are their own words."""

    reference: str
    kind: ComplaintKind
    wish: Wish
    state: ComplaintState
    items: list[str]
    details: str
    created_at: datetime
    photos: list[Photo]


class OperationView(Shape):
    """What was done; the receipt's fields depend on the kind."""

    reference: str
    kind: OperationKind
    who: str
    override: str | None
    done_at: datetime
    receipt: dict[str, Any]
    reversible: bool
    customer_until: datetime | None
    undone_at: datetime | None
    undone_by: str | None


class Happened(Shape):
    """One line of the order's story; `details` depend on the kind."""

    at: datetime
    kind: str
    who: str | None
    details: dict[str, Any]


class WholeOrder(OrderRow):
    """Everything about an order."""

    customer: Buyer
    ship_to: list[str]
    cancel_reason: str | None
    books: Books
    lines: list[OrderedLine]
    methods: list[Method]
    payments: list[PaymentView]
    shipments: list[Parcel]
    returns: list[ReturnView]
    refund_requests: list[RefundRequestView]
    complaints: list[ComplaintView]
    operations: list[OperationView]
    timeline: list[Happened]


class Refused(Shape):
    """The rule that stands against it, and its sentence."""

    rule: str | None
    text: str


class Possible(Shape):
    """An operation on the order as a whole; `passable` are the rules that a reason gets past."""

    name: str
    for_customer: bool
    refusal: Refused | None
    reasons: list[str]
    passable: list[str]


class OrderShown(Shape):
    """An order with what can be done to it now."""

    order: WholeOrder
    possible: list[Possible]
    proven: bool


class Done(OrderShown):
    """The operation's receipt, whose fields depend on it, and the order as it is now."""

    receipt: Any


class WaitingRequest(Shape):
    """A refund request to decide."""

    reference: str
    order_number: str
    reason: RefundReason
    amount: str
    created_at: datetime


class WaitingReturn(Shape):
    """A return that is under way."""

    reference: str
    order_number: str
    kind: ReturnKind
    state: ReturnState
    pieces: int
    created_at: datetime


class DeadLetter(Shape):
    """Something that could not be handed over, however often it was tried."""

    id: int
    topic: str
    error: str | None
    created_at: datetime
    about: str | None
    order_number: str | None


class Work(Shape):
    """What waits for a person besides conversations."""

    refund_requests: list[WaitingRequest]
    returns: list[WaitingReturn]
    dead_letters: list[DeadLetter]
