"""The report as JSON. Its keys are described in docs/understanding.md, and stay."""

import json
from statistics import fmean
from typing import Any

import numpy as np

from frontdesk.understanding.cases import Case
from frontdesk.understanding.runs import Run
from frontdesk.understanding.sentences import OUT_OF_SCOPE

FORMAT = 1


def report(run: Run) -> dict[str, Any]:
    """Every figure of the run; shares between 0 and 1, None where there is nothing to compute it from."""
    figures, outside = run.figures, run.figures.out_of_scope
    latencies = [case.verdict.latency_ms for case in run.cases]
    thresholds = [trial.threshold for trial in run.trials if trial.threshold is not None]
    return {
        "format": FORMAT,
        "train": str(run.train),
        "test": str(run.test) if run.test else None,
        "oos": str(run.oos) if run.oos else None,
        "folds": run.folds or None,
        "intents": run.intents,
        "train_examples": len(run.sentences),
        "counter_examples": sum(sentence.intent == OUT_OF_SCOPE for sentence in run.sentences),
        "test_examples": figures.tested,
        "oos_examples": outside.count if outside else 0,
        "accuracy": _rounded(figures.accuracy),
        "macro_f1": _rounded(figures.macro_f1),
        "ece": _rounded(figures.ece),
        "oos_auroc": _rounded(outside.auroc) if outside else None,
        "oos_aupr": _rounded(outside.aupr) if outside else None,
        "oos_recall_at_95": _rounded(outside.recall_at_95) if outside else None,
        "threshold": _rounded(fmean(thresholds)) if thresholds else None,
        "thresholds": _thresholds(run),
        "overall_accuracy_with_threshold": _rounded(figures.overall_accuracy_with_threshold),
        "in_scope_accuracy_with_threshold": _rounded(figures.in_scope_accuracy_with_threshold),
        "in_scope_rejected_with_threshold": _rounded(figures.in_scope_rejected),
        "oos_recall_with_threshold": _rounded(outside.recall_with_threshold) if outside else None,
        "train_seconds": round(fmean(trial.train_seconds for trial in run.trials), 2),
        "load_seconds": round(fmean(trial.load_seconds for trial in run.trials), 2),
        "latency_ms_p50": round(float(np.percentile(latencies, 50)), 2),
        "latency_ms_p95": round(float(np.percentile(latencies, 95)), 2),
        "rss_mb": max(trial.rss_mb for trial in run.trials),
        "peak_rss_mb": max(trial.peak_rss_mb for trial in run.trials),
        "per_intent": [
            {
                "intent": each.intent,
                "train_examples": each.trained,
                "test_examples": each.tested,
                "accuracy": _rounded(each.recall) if each.tested else None,
                "precision": _rounded(each.precision),
                "recall": _rounded(each.recall),
                "f1": _rounded(each.f1),
                "rejected": each.rejected,
                "taken_for": dict(each.taken_for),
            }
            for each in figures.intents
        ],
        "confusion": [[right, got, count] for right, got, count in figures.confusions],
        "reliability": [
            {
                "from": _rounded(each.lower),
                "to": _rounded(each.upper),
                "count": each.count,
                "right": each.right,
                "confidence": _rounded(each.confidence) if each.count else None,
                "accuracy": _rounded(each.right / each.count) if each.count else None,
            }
            for each in figures.bins
        ],
        "wrong": [_described(case) for case in run.cases if not case.likeliest_is_right and case.intent],
        "oos_accepted": [_described(case) for case in run.cases if case.intent is None and not case.rejected],
        "remarks": list(run.remarks),
    }


def written(run: Run) -> str:
    """As it stands in the file."""
    return json.dumps(report(run), indent=2, ensure_ascii=False) + "\n"


def _thresholds(run: Run) -> dict[str, float] | None:
    """The mean of those models that chose one of its own for the intent."""
    chosen: dict[str, list[float]] = {}
    for trial in run.trials:
        for intent, value in (trial.thresholds or {}).items():
            chosen.setdefault(intent, []).append(value)
    if all(trial.thresholds is None for trial in run.trials):
        return None
    return {intent: _rounded(fmean(values)) for intent, values in sorted(chosen.items())}


def _described(case: Case) -> dict[str, Any]:
    return {
        "text": case.text,
        "place": str(case.place),
        "intent": case.intent,
        "likeliest": case.first,
        "confidence": _rounded(case.confidence),
        "score": _rounded(case.verdict.score),
        "rejected": case.rejected,
    }


def _rounded(value: float) -> float:
    return round(float(value), 5)
