from knowledge.lexical import letter_groups, lexical_index, stems

TEXTS = (
    "Returning something. Send your jacket back within 30 days.",
    "Spare pump. The pump HX-220 fits every pool.",
    "Spare hose. The hose HX-240 fits every pool, and so does every other hose, at any time of the year.",
)


def test_words_are_found_in_any_form() -> None:
    words, _ = lexical_index(TEXTS).shares("returned jackets")

    assert words.argmax() == 0
    assert words[1:].max() == 0


def test_a_code_is_one_word_however_it_is_written() -> None:
    index = lexical_index(TEXTS)

    assert "hx220" in stems("the HX-220's lid")
    for code in ("HX-220", "hx220", "hx.220", "HX 220"):
        assert index.shares(code)[0].argmax() == 1


def test_letters_survive_a_slip_of_the_hand() -> None:
    words, letters = lexical_index(TEXTS).shares("jakcet retrun")

    assert words.max() == 0
    assert letters.argmax() == 0


def test_shares_lie_between_nothing_and_about_all() -> None:
    index = lexical_index(TEXTS)

    for part in index.shares(TEXTS[1]):
        assert part.argmax() == 1
        assert 0.5 < part.max() <= 1.01
    for part in index.shares("🙂 ... "):
        assert part.tolist() == [0, 0, 0]


def test_an_index_of_nothing_has_nothing_to_share() -> None:
    words, letters = lexical_index([]).shares("pump")

    assert (len(words), len(letters)) == (0, 0)
    assert letter_groups("🙂") == []
    assert lexical_index(["", "🙂"]).shares("pump")[0].tolist() == [0, 0]
