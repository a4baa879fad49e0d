"""The program that tries a pipeline: what it makes of Rasa's answers, and of jobs that cannot be done.

Real training is in the root's suite, where `frontdesk nlu evaluate` starts it.
"""

import io
import json
import tarfile

import nlu_trial
import pytest


def parsed(intent, ranking, **more):
    described = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    return {"intent": {"name": intent}, "intent_ranking": described, **more}


def test_the_detectors_word_counts_where_there_is_one():
    judged = {"score": 2.5, "threshold": 2.0, "rejected": True}
    ranking = [("nlu_fallback", 0.7), ("track", 0.9), ("refund", 0.1)]
    assert nlu_trial._understood(parsed("nlu_fallback", ranking, out_of_scope=judged)) == {
        "intent": "nlu_fallback",
        "ranking": [["track", 0.9], ["refund", 0.1]],
        "score": 2.5,
        "rejected": True,
    }


@pytest.mark.parametrize(
    ("intent", "ranking", "score", "rejected"),
    [
        ("track", [("track", 0.75)], 0.25, False),
        ("nlu_fallback", [("nlu_fallback", 0.6), ("track", 0.4)], 0.6, True),
        ("nlu_fallback", [("nlu_fallback", 1.0)], 1.0, True),
        (None, [], 1.0, False),
    ],
)
def test_without_a_detector_the_confidence_decides(intent, ranking, score, rejected):
    understood = nlu_trial._understood(parsed(intent, ranking))
    assert (understood["score"], understood["rejected"]) == (pytest.approx(score), rejected)


@pytest.mark.parametrize(
    ("text", "said"),
    [("/restart", "restart"), (" // x", "x"), ("and/or", "and/or"), (" a ", " a "), ("/", ""), ("", "")],
)
def test_no_message_is_taken_for_a_command(text, said):
    assert nlu_trial._said(text) == said


def archive(tmp_path, name, content):
    model = tmp_path / "model.tar.gz"
    with tarfile.open(model, "w:gz") as file:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        file.addfile(member, io.BytesIO(content))
    return model


def test_the_chosen_thresholds_are_read_from_the_model(tmp_path):
    kept = {"threshold": 1.5, "thresholds": {"track": 1.2}, "kept": 0.95}
    model = archive(tmp_path, "components/train_X/out_of_scope.json", json.dumps(kept).encode())
    assert nlu_trial._chosen_thresholds(model) == {"threshold": 1.5, "thresholds": {"track": 1.2}}
    without = archive(tmp_path, "metadata.json", b"{}")
    assert nlu_trial._chosen_thresholds(without) == {"threshold": None, "thresholds": None}


async def test_a_job_that_fails_says_why_and_ends_the_others(tmp_path):
    said = []
    config = tmp_path / "config.yml"
    config.write_text("recipe: default.v1\npipeline:\n- name: WhitespaceTokenizer\n- name: NoSuchThing\n")
    job = {"config": str(config), "examples": [["a", "x"], ["b", "y"]], "texts": []}
    assert not await nlu_trial.run([job, job], lambda **values: said.append(values))
    assert [each["event"] for each in said] == ["started", "failed"]
    assert "NoSuchThing" in said[1]["error"]


@pytest.fixture
def job(tmp_path):
    """A pipeline that needs no encoder, and learns two intents."""
    config = tmp_path / "config.yml"
    names = ("WhitespaceTokenizer", "CountVectorsFeaturizer", "LogisticRegressionClassifier")
    pipeline = "".join(f"- name: {name}\n" for name in names)
    config.write_text(f"recipe: default.v1\nlanguage: en\npipeline:\n{pipeline}")
    examples = [[f"where is [order](thing) {n}", "track"] for n in range(4)]
    examples += [[f"money back {n}", "refund"] for n in range(4)]
    return {"config": str(config), "examples": examples, "texts": ["where is it", "money"]}


async def test_any_pipeline_is_trained_and_asked(job):
    said = []
    assert await nlu_trial.run([job], lambda **values: said.append(values))
    assert [each["event"] for each in said] == ["started", "trained", "loaded", "parsed", "parsed", "done"]
    assert [each["ranking"][0][0] for each in said[3:5]] == ["track", "refund"]
    assert said[1]["examples"] == 8
    assert json.loads(json.dumps(said)) == said


async def test_a_model_that_is_there_is_only_asked(job, tmp_path):
    said = []
    model = nlu_trial._train(job, tmp_path, lambda event, **values: None)
    assert await nlu_trial.run(
        [{"model": str(model), "texts": job["texts"]}], lambda **each: said.append(each)
    )
    assert [each["event"] for each in said] == ["started", "loaded", "parsed", "parsed", "done"]
    assert [each["intent"] for each in said[2:4]] == ["track", "refund"]
