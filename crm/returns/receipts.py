"""What a customer keeps of a return or an exchange."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

from crm.returns.models import Postage, ReturnKind


@dataclass(frozen=True)
class ReturnReceipt:
    """An announced return or exchange; amounts in minor units of `currency`.

    `items` are name and pieces of each line, `wanted` the same of what comes for them in an exchange.
    `amount` is what the goods sent back stand for, `difference` what the exchange costs more, negative where
    less. `goes_to` are label and amount of what will be refunded where, `pays` the label of what pays a
    difference. `label` is the reference of the free label, where there is one.
    """

    order_number: str
    reference: str
    kind: ReturnKind
    postage: Postage
    items: tuple[tuple[str, int], ...]
    wanted: tuple[tuple[str, int], ...]
    amount: int
    difference: int
    currency: str
    goes_to: tuple[tuple[str, int], ...]
    pays: str | None
    send_by: date | None
    label: str | None

    def stored(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {**asdict(self), "send_by": self.send_by.isoformat() if self.send_by else None}

    @classmethod
    def restored(cls, stored: dict[str, Any]) -> Self:
        return cls(
            **{
                **stored,
                "kind": ReturnKind(stored["kind"]),
                "postage": Postage(stored["postage"]),
                "items": _pairs(stored["items"]),
                "wanted": _pairs(stored["wanted"]),
                "goes_to": _pairs(stored["goes_to"]),
                "send_by": date.fromisoformat(stored["send_by"]) if stored["send_by"] else None,
            }
        )


@dataclass(frozen=True)
class ReceivedReceipt:
    """Goods that came back, and what came of it; amounts in minor units of `currency`.

    `items` and `posted` are names and pieces: what is here, and what goes out for it; `awaited` are still to
    come. What `sold_out` meanwhile is refunded instead. `refunded` are label and amount of each refund,
    `charged` of what pays a difference.
    """

    order_number: str
    reference: str
    kind: ReturnKind
    items: tuple[tuple[str, int], ...]
    posted: tuple[tuple[str, int], ...]
    sold_out: tuple[tuple[str, int], ...]
    refunded: tuple[tuple[str, int], ...]
    charged: tuple[tuple[str, int], ...]
    awaited: tuple[tuple[str, int], ...]
    currency: str

    def stored(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)

    @classmethod
    def restored(cls, stored: dict[str, Any]) -> Self:
        pairs = ("items", "posted", "sold_out", "refunded", "charged", "awaited")
        kind = ReturnKind(stored["kind"])
        return cls(**{**stored, "kind": kind, **{name: _pairs(stored[name]) for name in pairs}})


@dataclass(frozen=True)
class WithdrawnReceipt:
    """A return that the customer does not make after all."""

    order_number: str
    reference: str
    kind: ReturnKind
    items: tuple[tuple[str, int], ...]

    def stored(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)

    @classmethod
    def restored(cls, stored: dict[str, Any]) -> Self:
        return cls(**{**stored, "kind": ReturnKind(stored["kind"]), "items": _pairs(stored["items"])})


def _pairs(stored: Any) -> tuple[tuple[str, int], ...]:
    return tuple((name, number) for name, number in stored)
