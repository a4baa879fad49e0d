"""Every operation that can be taken back knows how."""

import pytest

from crm.operations.models import OperationKind
from crm.operations.undoing import INVERSES

# Goods that are here and what was promised for them cannot be un-received.
FINAL = {OperationKind.RECEIVE}


@pytest.mark.parametrize("kind", sorted(set(OperationKind) - FINAL))
def test_what_takes_it_back_is_known_wherever_undoing_is(kind: OperationKind) -> None:
    assert kind in INVERSES
