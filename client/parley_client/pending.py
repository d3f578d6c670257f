"""A person's own messages on their way: shown until they are received, waited for until they are durable."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .lines import labelled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.text import Text

    from .outbox import OutboxEntry
    from .values import AttachmentDraft, Message


class Pending:
    """What was written and is not yet in the chat."""

    def __init__(self, entries: Iterable[OutboxEntry]) -> None:
        """Start with what an earlier session had not sent."""
        self._lines: dict[str, Text] = {}
        self._texts: dict[str, str] = {}
        self._unsent: set[str] = set()
        self._settled = asyncio.Event()
        for entry in entries:
            self.add(entry.id, entry.text, entry.attachment)

    @property
    def unsent(self) -> bool:
        """Whether messages wait to be sent."""
        return bool(self._unsent)

    @property
    def lines(self) -> list[Text]:
        """What is to be shown of them, in order."""
        return list(self._lines.values())

    async def all_sent(self) -> None:
        """Wait until nothing waits to be sent."""
        while self._unsent:
            self._settled.clear()
            await self._settled.wait()

    def add(self, message_id: str, text: str, attachment: AttachmentDraft | None = None) -> None:
        """A message was written."""
        if attachment is not None:
            text = f"{text} [{attachment.name}]".strip()
        self._lines[message_id] = labelled("sending … ", text)
        self._texts[message_id] = text
        self._unsent.add(message_id)

    def sent(self, message: Message) -> None:
        """A message is durable."""
        self._settle(message.id)
        if message.id in self._lines:
            self._lines[message.id] = labelled("sent ✓ ", self._texts[message.id])

    def received(self, message_id: str) -> None:
        """A message is in the chat, for good."""
        self._lines.pop(message_id, None)
        self._texts.pop(message_id, None)

    def refused(self, message_id: str) -> str:
        """A message will not be sent; return its text."""
        self._settle(message_id)
        self._lines.pop(message_id, None)
        return self._texts.pop(message_id, "")

    def _settle(self, message_id: str) -> None:
        self._unsent.discard(message_id)
        self._settled.set()
