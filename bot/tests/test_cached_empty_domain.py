import pytest
from rasa.shared.core.domain import Domain

from components.cached_empty_domain import install

DOMAINS = [
    Domain.empty(),
    Domain.from_dict({}),
    Domain.from_dict({"intents": ["greet"]}),
    Domain.from_dict({"slots": {"name": {"type": "text", "mappings": [{"type": "from_text"}]}}}),
]


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_verdict_is_rasas_own(domain, monkeypatch):
    expected = domain.is_empty()
    monkeypatch.setattr(Domain, "is_empty", Domain.is_empty)
    install()
    assert domain.is_empty() is expected
