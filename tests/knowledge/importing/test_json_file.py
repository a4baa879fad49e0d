import json
from datetime import date

import pytest

from knowledge.importing.entry import SourceUnreadable
from knowledge.importing.json_file import entries_of_json, entries_of_json_lines
from tests.knowledge.importing.reading import entries, problems

RECORDS = [{"question": "Is it free?", "answer": "Yes."}, {"title": "Returns", "text": "30 days.", "id": 7}]


@pytest.mark.parametrize(
    "content", [RECORDS, {"faqs": RECORDS}, {"items": RECORDS}, {"count": 2, "results": RECORDS}]
)
def test_a_list_of_records_is_read_wherever_it_stands(content: object) -> None:
    first, second = entries(entries_of_json(json.dumps(content).encode()))

    assert (first.title, first.body, first.questions) == ("Is it free?", "Yes.", ("Is it free?",))
    assert (second.title, second.key, second.place) == ("Returns", "7", "entry 2")


def test_an_object_of_questions_and_answers_is_read() -> None:
    assert [entry.title for entry in entries(entries_of_json(b'{"A?": "Yes.", "B?": "No."}'))] == ["A?", "B?"]


def test_json_lines_are_read_and_broken_ones_named_by_line() -> None:
    lines = "\n".join([json.dumps(RECORDS[0]), "", "{broken", "[1]", json.dumps(RECORDS[1])]).encode()

    for found in (list(entries_of_json_lines(lines)), list(entries_of_json(lines))):
        assert [entry.place for entry in entries(found)] == ["line 1", "line 5"]
        assert [problem.split(":")[0] for problem in problems(found)] == ["line 3", "line 4"]


def test_an_export_of_zendesk_is_read() -> None:
    export = {
        "sections": [{"id": 9, "name": "Returns & refunds"}],
        "articles": [
            {
                "id": 360001,
                "title": "Returning something",
                "body": "<h1>Returning something</h1>"
                '<p>You have <b>30 days</b>. <a href="/hc/2">More</a></p>',
                "draft": False,
                "locale": "en-us",
                "section_id": 9,
                "label_names": [],
                "updated_at": "2025-03-04T10:00:00Z",
                "html_url": "https://shop.example/hc/en-us/articles/360001",
            },
            {"id": 360002, "title": "Not ready", "body": "<p>x</p>", "draft": True},
            {"id": 360003, "title": "Empty", "body": None},
        ],
    }

    found = list(entries_of_json(json.dumps(export).encode()))

    (entry,) = entries(found)
    assert entry.body == "You have **30 days**. [More](https://shop.example/hc/2)"
    assert (entry.key, entry.locale, entry.updated) == ("360001", "en-US", date(2025, 3, 4))
    assert entry.topics == ("Returns & refunds",)
    assert problems(found) == [
        "entry 2: is a draft; publish it there first.",
        "entry 3: has no answer.",
    ]


def test_an_export_of_intercom_is_read() -> None:
    export = {
        "type": "list",
        "data": [
            {
                "id": "77",
                "type": "article",
                "title": "Gift cards",
                "body": "<p>They last two years.</p>",
                "state": "published",
                "updated_at": 1672928359,
                "default_locale": "en",
            },
            {"id": "78", "title": "Not ready", "body": "<p>x</p>", "state": "draft"},
        ],
    }

    found = list(entries_of_json(json.dumps(export).encode()))

    (entry,) = entries(found)
    assert (entry.title, entry.updated, entry.locale) == ("Gift cards", date(2023, 1, 5), "en")
    assert len(problems(found)) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a": ' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (b'[\n{"a": 1},\n{"a" 1}]', "is no JSON .line 3"),
        (b"7", "has no list of articles"),
        (b"\x00\x01", "binary"),
    ],
)
def test_what_is_no_list_of_articles_is_said_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(SourceUnreadable, match=words):
        list(entries_of_json(data))


def test_records_of_odd_types_are_named_and_skipped() -> None:
    odd = [
        7,
        None,
        {"title": ["x"], "body": {"y": 1}},
        {"title": "T", "body": 12, "updated": 1e99, "tags": [1]},
    ]

    found = list(entries_of_json(json.dumps(odd).encode()))

    assert len(problems(found)) == 3
    assert [(entry.body, entry.topics, entry.updated) for entry in entries(found)] == [("12", (), None)]
