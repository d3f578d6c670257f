"""One chat's unacked messages in order, the first of them in a frame that is repeated until it is acked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .frames import size
from .values import AttachmentDraft, NewMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .policy import Policy


class OutboxEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An unacked message as a snapshot keeps it; `after` is set once it was sent for the first time."""

    chat_id: str
    id: str
    text: str
    after: int | None = None
    reply_to: int | None = None
    mentions: tuple[str, ...] = ()
    attachment: AttachmentDraft | None = None

    @classmethod
    def of(cls, chat_id: str, message: NewMessage, after: int | None) -> OutboxEntry:
        """Return what is kept of a message that was or was not sent above `after` yet."""
        return cls(chat_id=chat_id, after=after, **msgspec.structs.asdict(message))

    @property
    def message(self) -> NewMessage:
        """The message itself."""
        return NewMessage(
            id=self.id,
            text=self.text,
            reply_to=self.reply_to,
            mentions=self.mentions,
            attachment=self.attachment,
        )


class Outbox:
    """The unacked messages of one chat.

    `after` and the first `framed` messages are the frame in flight. Both stay as they were at the first send
    until all its messages are settled, or until the service has said that the frame certainly had no effect.
    """

    __slots__ = ("_messages", "_singly", "after", "attempt", "framed", "request_id", "uncertain", "waiting")

    def __init__(self, entries: Sequence[OutboxEntry] = ()) -> None:
        """Take up unacked messages of an earlier session: those with `after` were in flight."""
        self._messages = [entry.message for entry in entries]
        self._singly: set[str] = set()
        self.after = entries[0].after if entries else None
        self.framed = sum(1 for entry in entries if entry.after is not None)
        self.uncertain = self.framed > 0
        """Whether the frame in flight may have been written by an attempt that was not answered."""
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
            total += size(message) + 1
            if count and (total > policy.frame_bytes or message.id in self._singly):
                return count
        return min(len(self._messages), policy.frame_messages)

    def clear(self) -> tuple[tuple[NewMessage, bool], ...]:
        """Take everything out; return each message and whether it may have been written."""
        taken = tuple((message, index < self.framed) for index, message in enumerate(self._messages))
        self._messages.clear()
        self._singly.clear()
        self.dissolve()
        return taken

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
        self.uncertain = False
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
            OutboxEntry.of(chat_id, message, after)
            for message, after in zip(self._messages, afters, strict=True)
        )
