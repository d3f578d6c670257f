"""What the session knows of each chat, and what a snapshot keeps of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .chat_log import ChatLog
from .outbox import Outbox, OutboxEntry

if TYPE_CHECKING:
    from collections.abc import Iterator


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All that a later session needs to go on from here: what was received, and what was not acked."""

    cursors: dict[str, int] = {}
    """The last received number of each chat."""
    outbox: tuple[OutboxEntry, ...] = ()


class Chat:
    """What the session knows of one chat."""

    __slots__ = (
        "behind",
        "chat_id",
        "gap_attempt",
        "gap_timer",
        "log",
        "outbox",
        "rejected",
        "sync_request",
    )

    def __init__(self, chat_id: str, cursor: int = 0, outbox: Outbox | None = None) -> None:
        """Start above message `cursor`, with what an earlier session had not sent."""
        self.chat_id = chat_id
        self.log = ChatLog(cursor)
        self.outbox = outbox or Outbox()
        self.behind = False
        """Whether messages are to be fetched before anything is sent."""
        self.sync_request: str | None = None
        """The request that is fetching them."""
        self.gap_timer = False
        """Whether an early message waits for its predecessor."""
        self.gap_attempt = 0
        """How often in a row a fetch was needed to close a gap."""
        self.rejected = False
        """Whether the last send met bad_after."""

    def reset(self) -> None:
        """Forget what was received: the service has lost it."""
        self.log = ChatLog()


class Chats:
    """The chats of one user, as far as this session has met them."""

    def __init__(self, snapshot: Snapshot, backlog: int | None) -> None:
        """Take up a snapshot; of chats met later, `backlog` latest messages are received (None: all)."""
        self._backlog = backlog
        self._chats: dict[str, Chat] = {}
        for chat_id in {**snapshot.cursors, **{entry.chat_id: 0 for entry in snapshot.outbox}}:
            entries = [entry for entry in snapshot.outbox if entry.chat_id == chat_id]
            self._chats[chat_id] = Chat(chat_id, snapshot.cursors.get(chat_id, 0), Outbox(entries))

    def __iter__(self) -> Iterator[Chat]:
        """Return all chats, in the order they were met."""
        return iter(list(self._chats.values()))

    def get(self, chat_id: str, tail: int = 0) -> Chat:
        """Return a chat; one met for the first time starts so that its backlog below `tail` is received."""
        if (chat := self._chats.get(chat_id)) is None:
            cursor = 0 if self._backlog is None else max(0, tail - self._backlog)
            chat = self._chats[chat_id] = Chat(chat_id, cursor)
        return chat

    def snapshot(self) -> Snapshot:
        """Return what a later session needs."""
        return Snapshot(
            cursors={chat.chat_id: chat.log.cursor for chat in self},
            outbox=tuple(entry for chat in self for entry in chat.outbox.entries(chat.chat_id)),
        )
