"""The page says what to do, needs nothing else, and takes no customer's words for its own."""

import re
from html.parser import HTMLParser

import pytest

from frontdesk.understanding.as_page import page
from frontdesk.understanding.runs import Run
from tests.frontdesk.understanding.builders import case, run_of

NASTY = "<script>alert('x')</script> & \"quotes\" \x1b[31m \ud83d"


@pytest.fixture
def run() -> Run:
    cases = [
        *[case("track", "track", 0.95, text=f"where is it {n}") for n in range(30)],
        *[case("refund", "track", 0.7, text=NASTY) for _ in range(4)],
        case("refund", "refund", 0.55, rejected=True, score=0.6),
        case("new<b>", None, text=""),
        case(None, "track", 0.97, score=0.05, text="who won & why"),
        case(None, "track", 0.4, score=0.9, rejected=True),
    ]
    return run_of(cases, {"track": 40, "refund": 6})


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in {"meta", "br", "rect", "path"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"rect", "path"}:
            assert self.open.pop() == tag


def test_words_of_customers_are_only_words(run: Run) -> None:
    made = page(run)
    tags = Tags()
    tags.feed(made)
    assert tags.open == []
    assert not tags.seen & {"script", "img", "iframe", "link", "b"}
    assert "&lt;script&gt;" in made
    assert "new&lt;b&gt;" in made
    assert "\x1b" not in made
    made.encode("utf-8")


def test_it_needs_no_network(run: Run) -> None:
    made = page(run)
    assert not re.search(r"https?:|url\(|@import|src=", made)
    assert "default-src 'none'" in made


def test_it_says_what_happened_and_what_to_do(run: Run) -> None:
    made = page(run)
    assert "Of 100 messages the bot should know, it gets 83 right" in made
    assert "It has only 6 training examples; write at least 10" in made
    assert "4 times" in made
    assert "who won &amp; why" in made
    assert made.count("<svg") == 3


def test_a_run_without_faults_and_without_strangers_has_a_page_too() -> None:
    made = page(run_of([case("track", "track", 1.0)], {"track": 1, "refund": 1}))
    assert "Every message got its right intent" in made
    assert made.count("<svg") == 2


def test_three_hundred_intents_stay_readable() -> None:
    names = [f"intent_{n}" for n in range(300)]
    cases = [case(name, names[n % 7] if n % 3 == 0 else name) for n, name in enumerate(names)]
    made = page(run_of(cases, dict.fromkeys(names, 5)))
    assert made.count('<th scope="col">') == 12
    assert "<summary>Table of 300 intents</summary>" in made
    assert "intent_299" in made
