"""The encoder fixtures live with the package that exports it; both folders share the one export."""

from tests.knowledge.conftest import encoder, encoder_folder

__all__ = ["encoder", "encoder_folder"]
