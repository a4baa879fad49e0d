"""Held-out questions, put to the articles as they are now."""

from collections.abc import Sequence

from frontdesk.trainer.measure.results import QuestionCase
from frontdesk.trainer.project import Question
from knowledge.search import KnowledgeIndex


def measure_questions(index: KnowledgeIndex, questions: Sequence[Question]) -> list[QuestionCase]:
    """The nearest article to each question, and whether it would be said."""
    return [_asked(index, question) for question in questions]


def _asked(index: KnowledgeIndex, question: Question) -> QuestionCase:
    nearest = index.search(question.text, k=1)
    return QuestionCase(
        text=question.text,
        article=question.article,
        got=nearest[0].article.slug if nearest else None,
        score=round(nearest[0].score, 4) if nearest else 0.0,
        answered=index.best_answer(question.text) is not None,
    )
