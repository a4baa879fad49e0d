from knowledge.phrasing import phrasings

STORY = (
    "Hello, my sister gave me a tent last summer and we took it to the lake, where it rained for a week and "
    "everything was wet. It was still lovely. Can I wash it in the machine? Thanks a lot for your help."
)


def test_a_plain_question_is_put_as_it_stands() -> None:
    assert phrasings(" can I send a jacket back ") == ["can I send a jacket back"]
    assert phrasings("do you deliver to the isle of Skye", "what does it cost") == [
        "do you deliver to the isle of Skye"
    ]


def test_a_short_message_may_go_on_about_what_was_asked_before() -> None:
    before = "How much is delivery?"

    assert phrasings("and to Canada?", before) == ["and to Canada?", "How much is delivery? and to Canada?"]
    assert phrasings("what about sending a very large parcel abroad", before)[1].startswith(before)
    assert phrasings("and to Canada?") == ["and to Canada?"]


def test_the_question_in_a_long_story_stands_for_itself() -> None:
    assert phrasings(STORY) == [STORY, "Can I wash it in the machine?"]


def test_without_a_question_mark_the_last_sentences_may_be_the_question() -> None:
    story = STORY.replace("?", ".")

    assert phrasings(story)[1:][-2] == "Can I wash it in the machine."
    assert len(phrasings("word. " * 5000)) <= 9
