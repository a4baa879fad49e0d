"""Cases kept from training: enough of them, about what exists, and really kept from training."""

from collections import Counter
from collections.abc import Iterator

from frontdesk.trainer.check.examples import is_placeholder, normalised, placeholder_problem
from frontdesk.trainer.problem import Problem, error, warning
from frontdesk.trainer.project import ARTICLES, Project
from knowledge.article import Article

ENOUGH = 8


def held_out_problems(project: Project, articles: list[Article]) -> Iterator[Problem]:
    trained = {normalised(example.text): example for intent in project.intents for example in intent.examples}
    counts: Counter[str] = Counter()
    names = project.intent_names
    for case in project.held_out:
        counts[case.intent] += 1
        if is_placeholder(case.text):
            yield placeholder_problem(case.place, case.text)
            continue
        if case.intent not in names:
            yield error(case.place, f"there is no intent `{case.intent}` that this case could be about.")
        same = trained.get(normalised(case.text))
        if same is not None:
            problem = (
                f"`{case.text}` is held out here and trained on in {same.place}, so it measures nothing; "
                "write it differently here."
            )
            yield error(case.place, problem)
    for intent in project.intents:
        if counts[intent.name] < ENOUGH:
            problem = (
                f"the intent `{intent.name}` has {counts[intent.name]} held-out cases; "
                f"write at least {ENOUGH} in nlu_data/heldout/{intent.topic}.yml."
            )
            yield warning(intent.place, problem)
    yield from _questions(project, articles)


def _questions(project: Project, articles: list[Article]) -> Iterator[Problem]:
    files = {path.stem for path in (project.root / ARTICLES).glob("*.md")}
    known = {normalised(question): article for article in articles for question in article.questions}
    for question in project.questions:
        if question.article is not None and question.article not in files:
            yield error(question.place, f"there is no article {ARTICLES}/{question.article}.md.")
        same = known.get(normalised(question.text))
        if same is not None:
            problem = (
                f"`{question.text}` is held out here and a known question of {ARTICLES}/{same.slug}.md, "
                "so it measures nothing; write it differently here."
            )
            yield error(question.place, problem)
