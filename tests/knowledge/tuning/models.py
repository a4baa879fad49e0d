"""A model small enough to be tuned within a test."""

from pathlib import Path

from sentence_transformers import SentenceTransformer

from tests.knowledge.test_encoder_export import save_small_model


def small_model(folder: Path) -> SentenceTransformer:
    return SentenceTransformer(str(save_small_model(folder, "mean")), device="cpu").eval()
