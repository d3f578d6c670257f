"""One chat's unacked messages in order, the first of them in a frame that is repeated until it is acked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .frames import NewMessage, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .policy import Policy


class OutboxEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An unacked message as a snapshot keeps it; `after` is set once it was sent for the first time."""

    chat_id: str
    id: str
    text: str
    after: int | None = None


class Outbox:
    """The unacked messages of one chat.

    `after` and the first `framed` messages are the frame in flight. Both stay as they were at the first send
    until all its messages are settled, or until the service has said that the frame certainly had no effect.
    """

    __slots__ = ("_messages", "_singly", "after", "attempt", "framed", "request_id", "waiting")

    def __init__(self, entries: Sequence[OutboxEntry] = ()) -> None:
        """Take up unacked messages of an earlier session: those with `after` were in flight."""
        self._messages = [NewMessage(id=entry.id, text=entry.text) for entry in entries]
        self._singly: set[str] = set()
        self.after = entries[0].after if entries else None
        self.framed = sum(1 for entry in entries if entry.after is not None)
        self.request_id: str | None = None
        """The request that carries the frame now, if one is unanswered."""
        self.waiting = False
        """Whether the frame waits for its retry timer."""
        self.attempt = 0
        """How many retryable errors the frame has met."""

    @property
    def may_send(self) -> bool:
        """Whether there is something to send and nothing in flight."""
        return bool(self._messages) and self.request_id is None and not self.waiting

    def add(self, message: NewMessage) -> None:
        """Put a message last; a message that is here already is not put twice."""
        if self.find(message.id) is None:
            self._messages.append(message)

    def frame(self, cursor: int, policy: Policy) -> tuple[int, tuple[NewMessage, ...]]:
        """Return `after` and the messages to send: the frame in flight, or else a new one above `cursor`."""
        if self.after is None:
            self.after = cursor
            self.framed = self._fitting(policy)
        return self.after, self.in_flight

    def _fitting(self, policy: Policy) -> int:
        if self._messages[0].id in self._singly:
            return 1
        total = 0
        for count, message in enumerate(self._messages[: policy.frame_messages]):
            total += size(message.text) + 64
            if count and (total > policy.frame_bytes or message.id in self._singly):
                return count
        return min(len(self._messages), policy.frame_messages)

    def settle(self, message_id: str) -> NewMessage | None:
        """Take out a message that is durable or refused; a frame with nothing left is done."""
        for index, message in enumerate(self._messages):
            if message.id == message_id:
                del self._messages[index]
                self._singly.discard(message_id)
                if index < self.framed:
                    self.framed -= 1
                    if not self.framed:
                        self.dissolve()
                return message
        return None

    def dissolve(self) -> None:
        """Forget the frame, which is done or certainly had no effect; its messages may be framed anew."""
        self.after = None
        self.framed = 0
        self.attempt = 0
        self.request_id = None
        self.waiting = False

    def split(self) -> None:
        """Frame each message of the refused frame by itself, so that only the offending one is refused."""
        self._singly.update(message.id for message in self._messages[: self.framed])
        self.dissolve()

    @property
    def in_flight(self) -> tuple[NewMessage, ...]:
        """The messages of the frame in flight."""
        return tuple(self._messages[: self.framed])

    def find(self, message_id: str) -> NewMessage | None:
        """Return an unacked message."""
        return next((message for message in self._messages if message.id == message_id), None)

    def entries(self, chat_id: str) -> tuple[OutboxEntry, ...]:
        """Return what a snapshot keeps."""
        afters = [self.after if index < self.framed else None for index in range(len(self._messages))]
        return tuple(
            OutboxEntry(chat_id=chat_id, id=message.id, text=message.text, after=after)
            for message, after in zip(self._messages, afters, strict=True)
        )
