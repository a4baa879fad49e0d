"""The agent desk: sign-in, queue, conversation, push."""

from gateway.desk.wiring import setup

__all__ = ["setup"]
