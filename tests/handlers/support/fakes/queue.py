"""A queue that keeps what is sent."""

from __future__ import annotations


class FakeQueue:
    """Keeps what is sent, with its delay; `fault`, when set, is raised instead."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.delays: list[int] = []
        self.fault: Exception | None = None

    def send(self, message: bytes, delay_seconds: int = 0) -> None:
        """Keep the message."""
        if self.fault is not None:
            raise self.fault
        self.messages.append(message)
        self.delays.append(delay_seconds)
