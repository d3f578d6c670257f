"""Chats, their members and how far these have got."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from chat.domain import Channel, Mark, Member, Role
    from chat.roster import Roster


class Found(NamedTuple):
    """What looking a chat up found."""

    members: Collection[str]
    """Those of the users asked about who are members."""
    has_message: bool
    """Whether the message asked about exists."""
    blocked: bool = False
    """Whether one of the users asked about has blocked another: told of a direct chat."""


class Standing(NamedTuple):
    """What a chat is to one of its members."""

    chat_id: str
    role: Role
    watermarks: Watermarks
    muted_until: str | None


class Entered(NamedTuple):
    """What a member of a group or channel finds there."""

    roster: Roster
    standing: Standing
    has_message: bool
    """Whether the message asked about exists."""


class ChatPage(NamedTuple):
    """One page of a user's chats."""

    standings: Sequence[Standing]
    next: str | None
    """The chat id after which the next page begins; None on the last."""

    @property
    def chat_ids(self) -> Sequence[str]:
        """Which chats they are."""
        return [standing.chat_id for standing in self.standings]


class Chats(Protocol):
    """Chats and their members. Reads are strongly consistent, but for `of_user`."""

    def look_up(self, chat_id: str, user_ids: Sequence[str], seq: int) -> Found:
        """In one request: which of the users are members, and whether message `seq` exists; 0 always does."""

    def enter(self, chat_id: str, user_id: str, seq: int) -> Entered | None:
        """In one request: a group or channel to one of its members, and whether message `seq` exists.

        None when there is no such chat or the user is not in it; message 0 always exists.
        """

    def standing(self, chat_id: str, user_id: str) -> Standing | None:
        """What the chat is to the user; None when the user is not a member."""

    def standings(self, user_id: str, chat_ids: Collection[str]) -> Mapping[str, Standing]:
        """What those of the chats (at most 100) are to the user whose member the user is, by chat id."""

    def names(self, chat_ids: Collection[str]) -> Mapping[str, str]:
        """The names of these groups and channels (at most 100), by chat id."""

    def list_members(self, chat_id: str) -> Sequence[Member]:
        """The members of a group, in the order of their ids."""

    def create_direct(self, chat_id: str, user_ids: Sequence[str], created_at: str) -> bool:
        """Create a chat and its members at once; False when it exists, or one has blocked another."""

    def create(self, roster: Roster) -> Roster:
        """Create a group or channel and its members at once, unless it exists; as it is then."""

    def mute(self, chat_id: str, user_id: str, until: str | None) -> bool:
        """Mute the chat for the user, None: no longer; False when the user is not a member."""

    def of_user(self, user_id: str, after: str | None, limit: int) -> ChatPage:
        """A page of the chats of a user, which may lack what was created a moment ago."""


class Channels(Protocol):
    """What anyone may do with channels. Reads of the directory may lack what was created a moment ago."""

    def search(self, prefix: str, limit: int) -> tuple[Sequence[Channel], bool]:
        """Up to `limit` channels whose names begin with `prefix`, in any case; whether there are more."""

    def join(self, chat_id: str, user_id: str, at: str, since: int) -> bool:
        """Make the user a member, unless the user is one; False when there is no such channel.

        `since` is the number of the channel's last change: a join is none.
        """

    def leave(self, chat_id: str, user_id: str) -> bool:
        """End the membership of who neither owns nor administers the channel; False for everyone else."""

    def oldest_member(self, chat_id: str, but: str) -> str | None:
        """Who of the first hundred members, in the order of their ids, but one of them, joined first."""


class Watermarks(NamedTuple):
    """How far a member has got in a chat."""

    delivered_seq: int
    """Up to here the member's devices hold it; what has been read has been delivered."""
    read_seq: int
    visible_after: int
    """Up to here the chat is not shown to the member."""
    since: int = 0
    """The number of the change by which the member came: with each membership the marks begin anew."""

    def unread(self, last_seq: int) -> int:
        """Count exactly what the member may see and has not read of a chat that goes up to `last_seq`."""
        return max(0, last_seq - max(self.read_seq, self.visible_after))


class MemberPage(NamedTuple):
    """One page of a chat's members."""

    user_ids: Sequence[str]
    next: str | None
    """The user id after which the next page begins; None on the last."""


class Members(Protocol):
    """The members of chats, however many they are."""

    def page(self, chat_id: str, after: str | None, limit: int) -> MemberPage:
        """Up to `limit` of a chat's members, whose user ids follow `after`, by these ids."""

    def standings(self, chat_id: str, user_ids: Sequence[str]) -> Mapping[str, Standing]:
        """What the chat is to those of the users (at most 100) who are members, by user id."""


class Receipts(Protocol):
    """How far members have got."""

    def advance(self, chat_id: str, user_id: str, mark: Mark, seq: int) -> tuple[Watermarks, bool] | None:
        """Move a member's mark forward to `seq`; the marks then, and whether it moved. None for others."""


class FormerChats(Protocol):
    """The chats that users have left, where their messages still are. Reads are strongly consistent."""

    def add(self, user_id: str, chat_id: str) -> None:
        """Write down that the user has left the chat, or is about to."""

    def of_user(self, user_id: str, after: str | None, limit: int) -> Sequence[str]:
        """Up to `limit` chats that the user has left, by their ids, from the first that follows `after`."""

    def remove(self, user_id: str, chat_id: str) -> None:
        """Strike the chat off."""

    def leave_direct(self, user_id: str, chat_id: str) -> None:
        """End the user's part in a direct chat, which nobody writes to afterwards."""
