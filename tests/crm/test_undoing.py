"""Every operation that can be taken back knows how."""

from crm.operations.models import OperationKind
from crm.operations.undoing import OF_CUSTOMERS, OF_ORDERS


def test_what_takes_an_operation_back_is_known_wherever_undoing_is() -> None:
    assert set(OF_ORDERS) | set(OF_CUSTOMERS) == set(OperationKind)
    assert not set(OF_ORDERS) & set(OF_CUSTOMERS)
