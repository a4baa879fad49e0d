"""Every operation that can be taken back knows how."""

from crm.operations.models import OperationKind
from crm.operations.undoing import INVERSES


def test_what_takes_an_operation_back_is_known_wherever_undoing_is() -> None:
    assert set(INVERSES) == set(OperationKind)
