import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sentence_encoder import SentenceEncoder

from knowledge.index import build_index
from knowledge.index_file import INDEX_FILE, IndexUnusable, read_index
from tests.knowledge.factories import DELIVERY, DELIVERY_BODY, RETURNS, write_article, write_two_articles

TEXTS = (2 + 3 + 3) + (2 + 3 + 2)  # of each article: title and whole, its questions, its passages


def test_an_index_holds_every_article_with_a_unit_vector_for_each_text(
    encoder: SentenceEncoder, tmp_path: Path
) -> None:
    report = build_index(write_two_articles(tmp_path / "articles"), tmp_path / "index", encoder)
    index = read_index(tmp_path / "index", encoder.fingerprint)

    assert (report.articles, report.embedded, report.reused, report.broken) == (2, TEXTS, 0, ())
    assert [article.slug for article in index.articles] == ["delivery-times", "returns"]
    assert index.articles[0].questions == tuple(DELIVERY["questions"])
    assert index.vectors.shape == (TEXTS, encoder.dimension)
    assert np.allclose(np.linalg.norm(index.vectors, axis=1), 1, atol=1e-5)


def test_an_unchanged_article_is_not_embedded_again(encoder: SentenceEncoder, tmp_path: Path) -> None:
    articles = write_two_articles(tmp_path / "articles")
    build_index(articles, tmp_path / "index", encoder)
    first = read_index(tmp_path / "index", encoder.fingerprint)

    report = build_index(articles, tmp_path / "index", encoder)

    assert (report.embedded, report.reused) == (0, TEXTS)
    assert np.array_equal(read_index(tmp_path / "index", encoder.fingerprint).vectors, first.vectors)


def test_only_what_changed_in_an_article_is_embedded(encoder: SentenceEncoder, tmp_path: Path) -> None:
    articles = write_two_articles(tmp_path / "articles")
    build_index(articles, tmp_path / "index", encoder)
    questions = ["how long does delivery take", "when will my parcel come", "is sunday possible"]
    write_article(articles, "delivery-times", DELIVERY | {"questions": questions}, DELIVERY_BODY)
    steps: list[tuple[int, int]] = []

    report = build_index(
        articles, tmp_path / "index", encoder, lambda done, total: steps.append((done, total))
    )

    assert (report.embedded, report.reused) == (1, TEXTS - 1)
    assert steps == [(1, 1)]


def test_a_removed_article_leaves_the_index(encoder: SentenceEncoder, tmp_path: Path) -> None:
    articles = write_two_articles(tmp_path / "articles")
    build_index(articles, tmp_path / "index", encoder)
    (articles / "returns.md").unlink()
    build_index(articles, tmp_path / "index", encoder)

    index = read_index(tmp_path / "index", encoder.fingerprint)

    assert [article.slug for article in index.articles] == ["delivery-times"]
    assert {entry.owner for entry in index.entries} == {"delivery-times"}


def test_a_broken_article_is_reported_and_the_others_are_indexed(
    encoder: SentenceEncoder, tmp_path: Path
) -> None:
    articles = write_two_articles(tmp_path / "articles")
    write_article(articles, "oops", RETURNS | {"questions": ["only one"]}, "Text.")

    report = build_index(articles, tmp_path / "index", encoder)

    assert report.articles == 2
    assert [str(problem) for problem in report.broken] == [
        f"{articles / 'oops.md'}, line 5: `questions` has 1; give at least 3."
    ]


def test_a_question_claimed_by_two_articles_is_reported_where_it_stands(
    encoder: SentenceEncoder, tmp_path: Path
) -> None:
    articles = write_two_articles(tmp_path / "articles")
    questions = ["a first one", "Can I send this BACK", "a third one"]
    write_article(articles, "zips", RETURNS | {"questions": questions}, "Text.")

    (problem,) = build_index(articles, tmp_path / "index", encoder).broken

    assert (problem.file.name, problem.line) == ("zips.md", 7)
    assert "returns.md" in problem.text


def test_an_index_of_another_encoder_is_refused_and_what_rebuilds_it_is_named(
    encoder: SentenceEncoder, encoder_folder: Path, tmp_path: Path
) -> None:
    articles = write_two_articles(tmp_path / "articles")
    build_index(articles, tmp_path / "index", encoder)
    folder = shutil.copytree(encoder_folder, tmp_path / "encoder")
    description = json.loads((folder / "encoder.json").read_text())
    (folder / "encoder.json").write_text(json.dumps(description | {"name": "tuned"}))
    tuned = SentenceEncoder(folder, threads=1)

    with pytest.raises(
        IndexUnusable, match=r"another sentence encoder; `frontdesk up` or `frontdesk knowledge"
    ):
        read_index(tmp_path / "index", tuned.fingerprint)
    assert build_index(articles, tmp_path / "index", tuned).embedded == TEXTS


def test_a_missing_index_is_refused_and_what_builds_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable, match=r"There is no knowledge index in .*`frontdesk knowledge index`"):
        read_index(tmp_path, "any")


@pytest.mark.parametrize("damage", [b"", b"not an index", None], ids=["empty", "text", "half"])
def test_a_damaged_index_is_refused_and_a_build_replaces_it(
    encoder: SentenceEncoder, tmp_path: Path, damage: bytes | None
) -> None:
    articles = write_two_articles(tmp_path / "articles")
    build_index(articles, tmp_path / "index", encoder)
    file = tmp_path / "index" / INDEX_FILE
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2] if damage is None else damage)

    with pytest.raises(IndexUnusable, match=r"is damaged .*`frontdesk up`"):
        read_index(tmp_path / "index", encoder.fingerprint)
    assert build_index(articles, tmp_path / "index", encoder).embedded == TEXTS
    assert [path.name for path in (tmp_path / "index").iterdir()] == [INDEX_FILE]


def test_a_missing_folder_of_articles_is_no_empty_index(encoder: SentenceEncoder, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no folder of knowledge articles"):
        build_index(tmp_path / "nowhere", tmp_path / "index", encoder)
