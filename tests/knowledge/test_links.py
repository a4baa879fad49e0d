from hypothesis import given
from hypothesis import strategies as st

from knowledge.links import Link, links_in
from knowledge.passages import passages_of

BODY = """Use the [free *label*](/help/label) or ask [Royal Mail](https://royalmail.example/a?b=1).

- See the [size guide](/help/size-guide)

Write to [us](mailto:hello@shop.example) or [ring](tel:+441422).
"""


def test_the_links_of_what_is_said_go_with_it() -> None:
    said = [links_in(BODY, passage.text) for passage in passages_of(BODY)]

    assert said == [
        [Link("free label", "/help/label"), Link("Royal Mail", "https://royalmail.example/a?b=1")],
        [Link("size guide", "/help/size-guide")],
        [],
    ]


def test_a_link_that_runs_something_or_leads_to_another_host_unsaid_is_none() -> None:
    addresses = (
        "javascript:alert(1)",
        "JAVASCRIPT:x",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example",
        "a.html",
    )
    body = " ".join(f"[click]({address})" for address in addresses) + r" [click](/\evil.example)"

    assert [link for link in links_in(body, "click") if not link.address.startswith("/%5C")] == []


@given(st.text(alphabet=st.sampled_from("[]()!<>/\\:ahtps.\"' \n*`"), max_size=60))
def test_whatever_is_written_only_pages_are_linked(body: str) -> None:
    for link in links_in(body, body):
        assert link.address.startswith(("http://", "https://", "/"))
        assert not link.address.startswith(("//", "/\\"))
