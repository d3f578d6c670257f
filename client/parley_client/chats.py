"""What the session knows of each chat, and what a snapshot keeps of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .chat_state import ChatState
from .marks import Marks
from .numbered_log import NumberedLog
from .outbox import Outbox, OutboxEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .values import Change, Message


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All that a later session needs to go on: what was received, and what the service has not taken yet."""

    cursors: dict[str, int] = {}
    """The last received number of each chat."""
    outbox: tuple[OutboxEntry, ...] = ()
    changes: dict[str, int] = {}
    """The last received change of each chat that has had one."""
    marks: dict[str, Marks] = {}
    """What was marked and not confirmed, by chat."""


class Chat:
    """What the session knows of one chat."""

    __slots__ = (
        "behind",
        "changes",
        "chat_id",
        "gap_attempt",
        "gap_timer",
        "left",
        "messages",
        "outbox",
        "rejected",
        "state",
        "sync_request",
    )

    def __init__(self, chat_id: str, cursor: int = 0, change: int = 0, outbox: Outbox | None = None) -> None:
        """Start above message `cursor` and `change`, with what an earlier session had not sent."""
        self.chat_id = chat_id
        self.messages: NumberedLog[Message] = NumberedLog(cursor)
        self.changes: NumberedLog[Change] = NumberedLog(change)
        self.state = ChatState(chat_id)
        self.outbox = outbox or Outbox()
        self.behind = False
        """Whether messages or changes are to be fetched before anything is sent."""
        self.left = False
        """Whether the service has said that this user is no member."""
        self.sync_request: str | None = None
        """The request that is fetching them."""
        self.gap_timer = False
        """Whether something early waits for its predecessor."""
        self.gap_attempt = 0
        """How often in a row a fetch was needed to close a gap."""
        self.rejected = False
        """Whether the last send met bad_after."""

    @property
    def has_gap(self) -> bool:
        """Whether a message or a change is known to exist that has not been received."""
        return self.messages.has_gap or self.changes.has_gap

    def look_up(self) -> None:
        """Have the service asked how the chat stands, whatever is on its way already."""
        self.behind = True
        self.sync_request = None

    def reset(self) -> None:
        """Forget what was received: the service has lost it."""
        self.begin(0, 0)
        self.state.held.clear()

    def leave(self) -> None:
        """Note that this user is no member any more: nothing is to be had, and nothing known holds."""
        self.left = True
        self.behind = False
        self.begin(0, 0)
        self.state = ChatState(self.chat_id)

    def begin(self, cursor: int, change: int) -> None:
        """Receive what comes after message `cursor` and `change`."""
        self.messages = NumberedLog(cursor)
        self.changes = NumberedLog(change)


class Chats:
    """The chats of one user, as far as this session has met them."""

    def __init__(self, snapshot: Snapshot, backlog: int | None) -> None:
        """Take up a snapshot; of chats met later, `backlog` latest messages are received (None: all)."""
        self._backlog = backlog
        self._chats: dict[str, Chat] = {}
        for chat_id in {**snapshot.cursors, **{entry.chat_id: 0 for entry in snapshot.outbox}}:
            entries = [entry for entry in snapshot.outbox if entry.chat_id == chat_id]
            self._chats[chat_id] = Chat(
                chat_id, snapshot.cursors.get(chat_id, 0), snapshot.changes.get(chat_id, 0), Outbox(entries)
            )

    def __iter__(self) -> Iterator[Chat]:
        """Return all chats, in the order they were met."""
        return iter(list(self._chats.values()))

    def __contains__(self, chat_id: str) -> bool:
        """Return whether the session has met a chat."""
        return chat_id in self._chats

    def is_in(self, chat_id: str) -> bool:
        """Return whether this user is in a chat, as far as is known."""
        return chat_id in self._chats and not self._chats[chat_id].left

    def get(self, chat_id: str, tail: int = 0, change: int = 0) -> Chat:
        """Return a chat; one met for the first time starts so that its backlog below `tail` is received.

        Its messages come as they are now, so of its changes only those after `change` are to be received.
        """
        if (chat := self._chats.get(chat_id)) is None:
            chat = self._chats[chat_id] = Chat(chat_id, self._start(tail), change)
        return chat

    def meet_again(self, chat: Chat, tail: int, change: int) -> None:
        """Start with a chat that was left as if it was met for the first time."""
        chat.begin(self._start(tail), change)

    def _start(self, tail: int) -> int:
        return 0 if self._backlog is None else max(0, tail - self._backlog)

    def snapshot(self, marks: dict[str, Marks]) -> Snapshot:
        """Return what a later session needs; `marks` are those that the service has not confirmed."""
        known = [chat for chat in self if not chat.left]
        return Snapshot(
            cursors={chat.chat_id: chat.messages.cursor for chat in known},
            outbox=tuple(entry for chat in self for entry in chat.outbox.entries(chat.chat_id)),
            changes={chat.chat_id: chat.changes.cursor for chat in known if chat.changes.cursor},
            marks=marks,
        )
