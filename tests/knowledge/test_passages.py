from hypothesis import given
from hypothesis import strategies as st

from knowledge.passages import PASSAGE_LENGTH, passages_of


def texts(body: str) -> list[str]:
    return [passage.text for passage in passages_of(body)]


def test_a_paragraph_is_a_passage_without_markup() -> None:
    assert texts("You have **30 days** to\n[send it](/help/x) `back`.\n\nThen we _refund_ you.") == [
        "You have 30 days to send it back.",
        "Then we refund you.",
    ]


def test_a_passage_knows_its_heading() -> None:
    headings = [passage.heading for passage in passages_of("First.\n\n## By *post*\n\nSecond.\n\nThird.")]

    assert headings == ["", "By post", "By post"]


def test_a_passage_keeps_the_headings_above_it() -> None:
    body = "\n\n".join(
        [
            "Start.",
            "# Returns",
            "A.",
            "## By post",
            "B.",
            "### Abroad",
            "C.",
            "## In a shop",
            "D.",
            "# Money",
            "E.",
        ]
    )

    assert [passage.trail for passage in passages_of(body)] == [
        (),
        ("Returns",),
        ("Returns", "By post"),
        ("Returns", "By post", "Abroad"),
        ("Returns", "In a shop"),
        ("Money",),
    ]


def test_a_list_stays_with_the_sentence_that_announces_it() -> None:
    assert texts("We take:\n\n- Visa\n- PayPal\n  - also in instalments\n\nNothing else.") == [
        "We take:\n• Visa\n• PayPal\n• also in instalments",
        "Nothing else.",
    ]


def test_steps_keep_their_numbers() -> None:
    assert texts("3. Print it.\n4. Post it.") == ["3. Print it.\n4. Post it."]


def test_an_announcement_without_a_list_is_a_passage_of_its_own() -> None:
    assert texts("Please note:\n\n## Next\n\n- One") == ["Please note:", "• One"]


def test_a_table_is_read_row_by_row() -> None:
    table = "| To | Price | Days |\n|---|---|---|\n| UK | £3.95 | 2–4 |\n| EU | £9.95 | |"

    assert texts(table) == ["UK: £3.95, Days 2–4\nEU: £9.95"]


def test_a_table_of_one_column_is_a_list_of_its_cells() -> None:
    assert texts("| We take |\n|---|\n| Visa |\n| PayPal |") == ["Visa\nPayPal"]


def test_a_long_paragraph_is_divided_between_sentences() -> None:
    sentence = "This is a sentence that says something of about eighty characters, and then ends."

    divided = texts(" ".join([sentence] * 12))

    assert len(divided) == 3
    assert all(part.endswith("ends.") and len(part) <= PASSAGE_LENGTH for part in divided)
    assert " ".join(divided).count("This is") == 12


def test_a_sentence_that_never_ends_is_cut_between_words() -> None:
    (text,) = texts("word " * 200)

    assert len(text) <= PASSAGE_LENGTH
    assert text.endswith("word…")


def test_html_is_text_like_any_other() -> None:
    assert texts("<b>Bold</b> & more") == ["<b>Bold</b> & more"]


@given(st.text(alphabet=st.sampled_from("ab .!?:\n#-*1|>`[]()<&A£"), max_size=300) | st.text(max_size=1_000))
def test_no_text_makes_a_passage_that_is_blank_or_too_long(body: str) -> None:
    assert all(text.strip() and len(text) <= PASSAGE_LENGTH for text in texts(body))
