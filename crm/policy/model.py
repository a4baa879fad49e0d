"""The shape of the policy file."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
NumberShape = Annotated[str, Field(pattern=r"^#?[A-Z]{0,6}-?0{3,10}$")]
Undoable = Literal[
    "cancel",
    "change_items",
    "change_payment",
    "change_address",
    "return",
    "exchange",
    "withdraw_request",
    "change_default_address",
    "change_phone",
    "change_consent",
]


class PolicyUnreadable(ValueError):
    """The policy file cannot be used; the message says where and why."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Orders(_Part):
    numbers: Annotated[tuple[NumberShape, ...], Field(min_length=1)]
    cancellable: frozenset[Literal["pending", "paid", "packing"]]
    item_changes: Count


class Delivery(_Part):
    countries: Annotated[tuple[Country, ...], Field(min_length=1)]


class Returns(_Part):
    days: Count
    delivery_back_days: Count
    refund_working_days: Count
    never: tuple[str, ...]
    sealed_only: tuple[str, ...]
    refund_to: Annotated[frozenset[Literal["original", "gift_card"]], Field(min_length=1)]
    exchange: bool
    free_from: frozenset[Country]


class Refunds(_Part):
    automatic_up_to: Count


class Undo(_Part):
    minutes: dict[Undoable, Count]


class Invoices(_Part):
    a_day: Annotated[int, Field(ge=1)]
    vat_percent: Annotated[int, Field(ge=0, le=100)]


class Attachments(_Part):
    most_per_conversation: Count
    largest_megabytes: Annotated[int, Field(ge=1, le=50)]


class Policy(_Part):
    """The limits of self-service; crm/policy/policy.yml says what each means."""

    orders: Orders
    delivery: Delivery
    returns: Returns
    refunds: Refunds
    undo: Undo
    invoices: Invoices
    attachments: Attachments
