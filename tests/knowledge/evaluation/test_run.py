from sentence_encoder import SentenceEncoder

from knowledge.evaluation.corpus import Corpus, Query
from knowledge.evaluation.run import evaluate
from tests.knowledge.factories import article

DOCS = {
    "returns": ("Returning something", "Send it back within 30 days, unworn."),
    "delivery": ("How long delivery takes", "Two to four working days."),
    "pump": ("Spare pump HX-220", "The HX-220 fits every paddling pool since 2019."),
    "hose": ("Spare hose HX-240", "The HX-240 fits every paddling pool since 2021."),
}
QUERIES = (
    Query("can I give it back", frozenset(["returns"])),
    Query("when will my parcel come", frozenset(["delivery"])),
    Query("hx240", frozenset(["hose"])),
    Query("who won the match yesterday", frozenset()),
)


def test_the_index_and_the_simpler_ways_are_asked_the_same(encoder: SentenceEncoder) -> None:
    articles = tuple(article(slug, title=title, body=body) for slug, (title, body) in DOCS.items())
    told: list[str] = []
    run = evaluate(Corpus(articles, QUERIES), encoder, lambda what, done, total: told.append(what))

    assert list(run.baselines) == ["bm25", "tfidf", "dense"]
    assert run.figures.recall_at_1 == 1
    assert run.figures.answerable_auroc == 1
    assert all((figures.docs, figures.queries) == (4, 4) for figures in run.baselines.values())
    assert run.comparisons["dense"].recall_at_1 is not None
    assert {"indexing", "frontdesk: asking", "dense: asking"} <= set(told)
