"""What is left for another function to do."""

from __future__ import annotations

from typing import Protocol


class Queue(Protocol):
    """What is left for another function to do: each message at least once, in any order."""

    def send(self, message: bytes, delay_seconds: int = 0) -> None:
        """Enqueue a message, one JSON value of at most 200 KB, to be handed out after so many seconds."""
