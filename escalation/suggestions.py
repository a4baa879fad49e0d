"""Replies the knowledge base would give to what the customer last asked."""

from collections.abc import Sequence

from escalation.document import Suggestion
from knowledge.search import KnowledgeIndex

MOST = 3
# "yes" or "10432" is no question; look further back for one.
SHORTEST_QUESTION = 12


def suggest(index: KnowledgeIndex, customer_texts: Sequence[str], public_url: str) -> list[Suggestion]:
    """Up to three replies for the latest real question; none where no article is close enough.

    `customer_texts` are the customer's messages, oldest first. Takes a few milliseconds of CPU.
    """
    questions = [text for text in customer_texts if len(text.strip()) >= SHORTEST_QUESTION]
    for question in reversed(questions[-MOST:]):
        answers = [answer for answer in index.search(question, k=MOST) if answer.score >= index.threshold]
        if answers:
            return [
                Suggestion(
                    text=answer.passage,
                    title=answer.article.title,
                    url=f"{public_url.rstrip('/')}{answer.article.url_path}",
                    score=round(answer.score, 3),
                )
                for answer in answers
            ]
    return []
