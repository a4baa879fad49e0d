"""Replies the knowledge base would give to what the customer has asked."""

from collections.abc import Sequence

from escalation.document import Suggestion
from knowledge.search import Answer, KnowledgeIndex

MOST = 3
LATEST_QUESTIONS = 3
# "yes" or "10432" is no question.
SHORTEST_QUESTION = 12


def suggest(index: KnowledgeIndex, customer_texts: Sequence[str], public_url: str) -> list[Suggestion]:
    """The best replies to the latest questions, best first; none where no article is close enough.

    An agent reads before sending, so an article that may answer is suggested too.

    `customer_texts` are the customer's messages, oldest first. The closest article wins whichever of
    the questions it answers: the last one is often only a wish for a person. Takes a few milliseconds
    of CPU for each question.
    """
    questions = [text for text in customer_texts if len(text.strip()) >= SHORTEST_QUESTION]
    closest: dict[str, Answer] = {}
    for question in questions[-LATEST_QUESTIONS:]:
        for answer in index.search(question, k=MOST):
            known = closest.get(answer.article.slug)
            if answer.score >= index.worth_showing and (known is None or answer.score > known.score):
                closest[answer.article.slug] = answer
    best = sorted(closest.values(), key=lambda answer: -answer.score)[:MOST]
    return [
        Suggestion(
            text=answer.passage,
            title=answer.article.title,
            url=f"{public_url.rstrip('/')}{answer.article.url_path}",
            score=round(answer.score, 3),
        )
        for answer in best
    ]
