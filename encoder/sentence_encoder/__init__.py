"""The sentence encoder both environments share."""

from sentence_encoder.encoder import EncoderMissing, SentenceEncoder
from sentence_encoder.folders import folder_of

__all__ = ["EncoderMissing", "SentenceEncoder", "folder_of"]
