"""Sentiment is a trend over the customer's messages."""

from crm.escalations.models import Reason, Urgency
from escalation.sentiment import sentiment_of
from escalation.urgency import urgency_of


def test_no_message_is_neutral_and_steady() -> None:
    sentiment = sentiment_of([])
    assert (sentiment.latest, sentiment.trend) == (0.0, "steady")


def test_patience_that_runs_out_is_a_falling_trend() -> None:
    sentiment = sentiment_of(
        [(2, "hello, thanks for your help"), (4, "hmm ok"), (6, "this is terrible"), (8, "I hate this shop")]
    )
    assert sentiment.trend == "falling"
    assert sentiment.latest < 0


def test_a_customer_who_calms_down_is_a_rising_trend() -> None:
    assert sentiment_of([(2, "this is awful"), (4, "great, thank you so much")]).trend == "rising"


def test_what_the_shop_does_not_even_offer_comes_last_in_the_queue() -> None:
    calm = sentiment_of([(2, "write me a poem")])
    assert urgency_of(Reason.OUT_OF_SCOPE, calm) is Urgency.LOW
    assert urgency_of(Reason.ASKED_FOR, calm) is Urgency.NORMAL
    assert urgency_of(Reason.COMPLAINT, calm) is Urgency.HIGH
