"""What a chat is now: its name, its members and how far they have got, its latest messages, who writes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from .marks import MemberMarks
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
    """How far those members are known to have got who have got anywhere, by user id."""
    writing: tuple[str, ...]
    """Who is writing now."""
    presence: dict[str, Presence]
    """What was told of the members' presence, by user id."""


class ChatState:
    """A chat's state, kept up to date by what the session receives."""

    __slots__ = (
        "_listed",
        "_marks",
        "_members_change",
        "_moved",
        "_own_marks",
        "_told",
        "held",
        "members",
        "presence",
        "summary",
        "writing",
    )

    def __init__(self, chat_id: str) -> None:
        """Know nothing yet."""
        self.summary = ChatSummary(chat_id=chat_id, kind="")
        self.held: dict[int, Message] = {}
        self.members: dict[str, Member] | None = None
        self.writing: set[str] = set()
        self.presence: dict[str, Presence] = {}
        self._listed = self.summary
        """What the newest listing says, as it says it."""
        self._told: set[str] = set()
        """Which of name and role a change has told: no listing knows better, only a later change."""
        self._members_change = 0
        """The last change that the newest listing of the members knew of."""
        self._moved = 0
        """The last change that altered who is in the chat, or as what."""
        self._marks: dict[str, MemberMarks] = {}
        self._own_marks = MemberMarks()

    def learn(self, summary: ChatSummary, cursor: int) -> None:
        """Take over what a listing says; name and role only if no later change, up to `cursor`, has come.

        Nor the mute, if the listing knows of an earlier membership only.
        """
        mine = self.summary
        if mine.kind == "" or summary.last_change >= self._listed.last_change:
            self._listed = summary
        overtaken = mine.kind != "" and summary.last_change < cursor
        is_earlier = summary.member_since < self._own_marks.since
        self._own_marks.advance(summary.delivered_seq, summary.read_seq, summary.member_since)
        self.summary = msgspec.structs.replace(
            summary,
            name=mine.name if overtaken or "name" in self._told else summary.name,
            role=mine.role if overtaken or "role" in self._told else summary.role,
            muted_until=mine.muted_until if is_earlier else summary.muted_until,
            last_seq=max(summary.last_seq, mine.last_seq),
            visible_after=max(summary.visible_after, mine.visible_after),
            delivered_seq=self._own_marks.known.delivered_seq,
            read_seq=self._own_marks.known.read_seq,
        )

    def learn_members(self, members: Iterable[Member], last_change: int) -> bool:
        """Take over who is in the chat as of change `last_change`, unless a later one has altered that."""
        if last_change < self._moved:
            return False
        self.members = {member.user_id: member for member in members}
        self._members_change = last_change
        for member in self.members.values():
            self.mark(member.user_id, member.delivered_seq, member.read_seq, member.member_since)
        return True

    def mark(self, user_id: str, delivered_seq: int, read_seq: int, since: int) -> bool:
        """Move the marks of another, a member since change `since`; return whether one moved."""
        return self._marks_of(user_id).advance(delivered_seq, read_seq, since)

    def mark_own(self, delivered_seq: int, read_seq: int, since: int) -> bool:
        """Move this user's own marks, as a member since change `since`; return whether one moved."""
        moved = self._own_marks.advance(delivered_seq, read_seq, since)
        self._take_own_marks()
        return moved

    def _take_own_marks(self) -> None:
        known = self._own_marks.known
        self.summary = msgspec.structs.replace(
            self.summary, delivered_seq=known.delivered_seq, read_seq=known.read_seq
        )

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
        """Carry out a change of the name or of the members; `user_id` is this client's own.

        A listing of the members that knew of the change already, and perhaps of later ones, stands.
        """
        if change.name is not None:
            self.summary = msgspec.structs.replace(self.summary, name=change.name)
            self._told.add("name")
        if change.members or change.removed:
            self._moved = change.number
        if user_id in change.removed:
            self._begin_anew(change.number)
        for member in change.members:
            if member.user_id == user_id:
                self.summary = msgspec.structs.replace(self.summary, role=member.role)
                self._told.add("role")
            self._marks_of(member.user_id).begin(member.member_since)
            if self.members is not None and change.number > self._members_change:
                self.members[member.user_id] = member
        for gone in change.removed:
            self._remove(gone, change.number)

    def _begin_anew(self, number: int) -> None:
        """This user was removed by change `number`: what was theirs holds no more, even if they are back."""
        self._own_marks.begin(number)
        self._take_own_marks()
        self._told.discard("role")
        back = self._listed if self._listed.last_change >= number else ChatSummary(chat_id="", kind="")
        self.summary = msgspec.structs.replace(self.summary, role=back.role, muted_until=back.muted_until)

    def _remove(self, user_id: str, number: int) -> None:
        self._marks_of(user_id).begin(number)
        if number > self._members_change:
            self.writing.discard(user_id)
            self.presence.pop(user_id, None)
            if self.members is not None:
                self.members.pop(user_id, None)

    def _marks_of(self, user_id: str) -> MemberMarks:
        return self._marks.setdefault(user_id, MemberMarks())

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
            marks={
                user_id: _member(user_id, marks)
                for user_id, marks in self._marks.items()
                if marks.known.delivered_seq and (self.members is None or user_id in self.members)
            },
            writing=tuple(sorted(self.writing)),
            presence=dict(self.presence),
        )


def _member(user_id: str, marks: MemberMarks) -> Member:
    known = marks.known
    return Member(
        user_id=user_id,
        delivered_seq=known.delivered_seq,
        read_seq=known.read_seq,
        member_since=marks.since,
    )
