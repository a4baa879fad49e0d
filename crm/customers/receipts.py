"""The receipt of a change of a customer's own data, as the store keeps it for a turn that is repeated."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.customers.models import Customer
from crm.operations.models import Operation


@dataclass(frozen=True)
class CustomerChange:
    """Whose data it is, what it is now, and until when the customer can take it back; None: not at all."""

    customer_id: int
    value: str
    reference: str
    changed_at: datetime
    undo_until: datetime | None

    @classmethod
    def of(cls, customer: Customer, value: str, operation: Operation) -> "CustomerChange":
        return cls(customer.id, value, operation.reference, operation.done_at, operation.undo_until)

    def stored(self) -> dict[str, Any]:
        return {
            **vars(self),
            "changed_at": self.changed_at.isoformat(),
            "undo_until": self.undo_until.isoformat() if self.undo_until else None,
        }

    @classmethod
    def restored(cls, result: dict[str, Any], customer: Customer, turn_id: str) -> "CustomerChange":
        """Raises ValueError where the turn has changed another customer's."""
        if result["customer_id"] != customer.id:
            raise ValueError(f"turn {turn_id} has changed another customer's data")
        return cls(
            **{
                **result,
                "changed_at": datetime.fromisoformat(result["changed_at"]),
                "undo_until": datetime.fromisoformat(result["undo_until"]) if result["undo_until"] else None,
            }
        )
