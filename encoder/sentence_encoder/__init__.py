"""The sentence encoder both environments share."""

from sentence_encoder.encoder import EncoderMissing, SentenceEncoder

__all__ = ["EncoderMissing", "SentenceEncoder"]
