"""What a chat is now: its name, its members and how far they have got, its latest messages, who writes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from .values import Change, ChatSummary, Member, Message, Presence, User

if TYPE_CHECKING:
    from collections.abc import Iterable

HELD = 200
"""Of each chat, how many of the latest messages are held."""


class ChatView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A chat as this client knows it now."""

    chat_id: str
    kind: str
    """Empty until the service has told."""
    name: str | None
    other_member: User | None
    role: str
    last_seq: int
    last_change: int
    visible_after: int
    read_seq: int
    delivered_seq: int
    unread: int
    """Messages after `read_seq` that this user may see."""
    muted_until: datetime | None
    messages: tuple[Message, ...]
    """The latest that were received, as they are now."""
    members: dict[str, Member] | None
    """By user id; None until they were listed."""
    marks: dict[str, Member]
    """How far each of the others is known to have got, by user id."""
    writing: tuple[str, ...]
    """Who is writing now."""
    presence: dict[str, Presence]
    """What was told of the members' presence, by user id."""


class ChatState:
    """A chat's state, kept up to date by what the session receives."""

    __slots__ = ("held", "marks", "members", "presence", "summary", "writing")

    def __init__(self, chat_id: str) -> None:
        """Know nothing yet."""
        self.summary = ChatSummary(chat_id=chat_id, kind="")
        self.held: dict[int, Message] = {}
        self.members: dict[str, Member] | None = None
        self.marks: dict[str, Member] = {}
        self.writing: set[str] = set()
        self.presence: dict[str, Presence] = {}

    def learn(self, summary: ChatSummary, cursor: int) -> None:
        """Take over what a listing says; name and role only if no later change, up to `cursor`, has come."""
        mine = self.summary
        if summary.last_change < cursor and mine.kind:
            summary = msgspec.structs.replace(summary, name=mine.name, role=mine.role)
        self.summary = msgspec.structs.replace(
            summary,
            last_seq=max(summary.last_seq, mine.last_seq),
            visible_after=max(summary.visible_after, mine.visible_after),
            read_seq=max(summary.read_seq, mine.read_seq),
            delivered_seq=max(summary.delivered_seq, mine.delivered_seq),
        )

    def learn_members(self, members: Iterable[Member]) -> None:
        """Take over who is in the chat."""
        self.members = {member.user_id: member for member in members}
        for member in self.members.values():
            self.mark(member.user_id, member.delivered_seq, member.read_seq)

    def mark(self, user_id: str, delivered_seq: int, read_seq: int) -> bool:
        """Move another member's marks forward; return whether one moved."""
        was = self.marks.get(user_id, Member(user_id=user_id))
        now = msgspec.structs.replace(
            was,
            delivered_seq=max(was.delivered_seq, delivered_seq, read_seq),
            read_seq=max(was.read_seq, read_seq),
        )
        self.marks[user_id] = now
        return now != was

    def mark_own(self, delivered_seq: int, read_seq: int) -> bool:
        """Move this user's own marks forward; return whether one moved."""
        was = self.summary
        self.summary = msgspec.structs.replace(
            was,
            delivered_seq=max(was.delivered_seq, delivered_seq, read_seq),
            read_seq=max(was.read_seq, read_seq),
        )
        return self.summary != was

    def hold(self, message: Message) -> None:
        """Hold the message whose turn it was."""
        self.held[message.seq] = message
        if len(self.held) > HELD:
            del self.held[min(self.held)]

    def replace(self, message: Message) -> bool:
        """Take over another version of a message; return whether it is newer than the one held, if any."""
        held = self.held.get(message.seq)
        if held is not None:
            if held.change >= message.change:
                return False
            self.held[message.seq] = message
        return True

    def apply(self, change: Change, user_id: str) -> None:
        """Carry out a change of the name or of the members; `user_id` is this client's own."""
        if change.name is not None:
            self.summary = msgspec.structs.replace(self.summary, name=change.name)
        for member in change.members:
            if member.user_id == user_id:
                self.summary = msgspec.structs.replace(self.summary, role=member.role)
            if self.members is not None:
                self.members[member.user_id] = member
        for gone in change.removed:
            self.marks.pop(gone, None)
            self.writing.discard(gone)
            self.presence.pop(gone, None)
            if self.members is not None:
                self.members.pop(gone, None)

    def view(self, last_seq: int, last_change: int) -> ChatView:
        """Return the state as it is now, in a chat whose logs are known to reach so far."""
        summary = self.summary
        unread = last_seq - max(summary.read_seq, summary.visible_after)
        return ChatView(
            chat_id=summary.chat_id,
            kind=summary.kind,
            name=summary.name,
            other_member=summary.other_member,
            role=summary.role,
            last_seq=last_seq,
            last_change=last_change,
            visible_after=summary.visible_after,
            read_seq=summary.read_seq,
            delivered_seq=summary.delivered_seq,
            unread=max(0, unread),
            muted_until=summary.muted_until,
            messages=tuple(self.held[seq] for seq in sorted(self.held)),
            members=None if self.members is None else dict(self.members),
            marks=dict(self.marks),
            writing=tuple(sorted(self.writing)),
            presence=dict(self.presence),
        )
