"""Chats, their members and how far these have got, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.changes import Admitted, Dismissed, Ranked, RosterVersion
from chat.domain import CHANNEL, Channel, Member
from chat.ports.chats import ChatPage, Entered, Found, MemberPage, Standing, Watermarks
from chat.roster import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from chat.domain import Mark
    from chat.roster import Roster
    from tests.handlers.support.fakes.messages import FakeMessages


class FakeChats:
    """Chats and members, beside the logs that `look_up` also asks."""

    def __init__(self, messages: FakeMessages) -> None:
        self._messages = messages
        self.members: dict[str, list[str]] = {}
        self.rosters: dict[str, Roster] = {}
        """Of the groups and channels."""
        self.muted: dict[tuple[str, str], str | None] = {}
        self.marks: dict[tuple[str, str], Watermarks] = {}
        """How far members have got, by chat and user."""
        self.blocked: set[str] = set()
        """Direct chats in which one has blocked the other."""
        self.reads = 0

    def look_up(self, chat_id: str, user_ids: Sequence[str], seq: int) -> Found:
        """Both answers at once."""
        self.reads += 1
        members = [user_id for user_id in user_ids if user_id in self.members.get(chat_id, ())]
        has_message = seq == 0 or seq in self._messages.logs.get(chat_id, {})
        return Found(members, has_message, blocked=bool(user_ids) and chat_id in self.blocked)

    def enter(self, chat_id: str, user_id: str, seq: int) -> Entered | None:
        """All answers at once."""
        self.reads += 1
        if chat_id not in self.rosters or user_id not in self.members[chat_id]:
            return None
        has_message = seq == 0 or seq in self._messages.logs.get(chat_id, {})
        return Entered(self.rosters[chat_id], self._standing(chat_id, user_id), has_message)

    def standing(self, chat_id: str, user_id: str) -> Standing | None:
        """One of the user's."""
        return self.standings(user_id, [chat_id]).get(chat_id)

    def standings(self, user_id: str, chat_ids: Collection[str]) -> Mapping[str, Standing]:
        """Those of the user's among these."""
        self.reads += 1
        mine = [chat_id for chat_id in chat_ids if user_id in self.members.get(chat_id, ())]
        return {chat_id: self._standing(chat_id, user_id) for chat_id in mine}

    def names(self, chat_ids: Collection[str]) -> Mapping[str, str]:
        """As their rosters have them."""
        return {chat_id: self.rosters[chat_id].name for chat_id in chat_ids}

    def list_members(self, chat_id: str) -> Sequence[Member]:
        """By id."""
        users = sorted(self.members[chat_id])
        return [Member(user_id, self._standing(chat_id, user_id).role) for user_id in users]

    def create(self, roster: Roster) -> Roster:
        """Create unless it exists."""
        if roster.chat_id not in self.rosters:
            self.rosters[roster.chat_id] = roster
            self.members[roster.chat_id] = list(roster.places)
        return self.rosters[roster.chat_id]

    def mute(self, chat_id: str, user_id: str, until: str | None) -> bool:
        """For a member."""
        if user_id not in self.members.get(chat_id, ()):
            return False
        self.muted[chat_id, user_id] = until
        return True

    def take(self, effect: Admitted | Dismissed | Ranked | RosterVersion) -> bool:
        """Have the effect of a change; False where its condition does not hold."""
        match effect:
            case RosterVersion(roster):
                self.rosters[roster.chat_id] = roster
            case Admitted():
                self.members[effect.chat_id].append(effect.user_id)
            case Dismissed():
                self.members[effect.chat_id].remove(effect.user_id)
                self.marks.pop((effect.chat_id, effect.user_id), None)
            case Ranked():
                return effect.user_id in self.members[effect.chat_id]
        return True

    def _standing(self, chat_id: str, user_id: str) -> Standing:
        """Who is in no roster is a direct chat's member, or one who joined a channel."""
        places = self.rosters[chat_id].places if chat_id in self.rosters else {}
        place = places.get(user_id, Place("member", 0, 0))
        marks = self.marks.get((chat_id, user_id), Watermarks(0, 0, place.visible_after, place.since))
        return Standing(chat_id, place.role, marks, self.muted.get((chat_id, user_id)))

    def create_direct(self, chat_id: str, user_ids: Sequence[str], created_at: str) -> bool:
        """Create unless it exists, or a block keeps it from being."""
        assert created_at
        if chat_id in self.members or chat_id in self.blocked:
            return False
        self.members[chat_id] = list(user_ids)
        return True

    def of_user(self, user_id: str, after: str | None, limit: int) -> ChatPage:
        """By chat id."""
        mine = sorted(c for c, members in self.members.items() if user_id in members and c > (after or ""))
        standings = [self._standing(chat_id, user_id) for chat_id in mine[:limit]]
        return ChatPage(standings, mine[limit - 1] if len(mine) > limit else None)


class FakeChannels:
    """What anyone may do with the channels of `FakeChats`."""

    def __init__(self, chats: FakeChats) -> None:
        self._chats = chats

    def search(self, prefix: str, limit: int) -> tuple[Sequence[Channel], bool]:
        """By lower-cased name."""
        channels = [roster for roster in self._chats.rosters.values() if roster.kind == CHANNEL]
        found = sorted((r.name, r.chat_id) for r in channels if r.name.lower().startswith(prefix.lower()))
        return [Channel(chat_id, name) for name, chat_id in found[:limit]], len(found) > limit

    def join(self, chat_id: str, user_id: str, at: str, since: int) -> bool:
        """Unless there is no such channel."""
        assert at
        assert since >= 0
        if chat_id not in self._chats.rosters:
            return False
        if user_id not in self._chats.members[chat_id]:
            self._chats.members[chat_id].append(user_id)
        return True

    def leave(self, chat_id: str, user_id: str) -> bool:
        """Unless the roster has them."""
        if user_id not in self._chats.members.get(chat_id, ()):
            return False
        if user_id in self._chats.rosters[chat_id].places:
            return False
        self._chats.members[chat_id].remove(user_id)
        return True

    def oldest_member(self, chat_id: str, but: str) -> str | None:
        """Members stand in the order in which they joined."""
        return next((user_id for user_id in self._chats.members[chat_id] if user_id != but), None)


class FakeMembers:
    """The members of one chat, whichever is asked about."""

    def __init__(self, *user_ids: str) -> None:
        self.user_ids = sorted(user_ids)
        self.set_standings: dict[str, Standing] = {}

    def page(self, chat_id: str, after: str | None, limit: int) -> MemberPage:
        """By user id."""
        assert chat_id
        follow = [user_id for user_id in self.user_ids if user_id > (after or "")]
        return MemberPage(follow[:limit], follow[limit - 1] if len(follow) > limit else None)

    def standings(self, chat_id: str, user_ids: Sequence[str]) -> Mapping[str, Standing]:
        """As set, else as of who has just been added."""
        fresh = Standing(chat_id, "member", Watermarks(0, 0, 0), None)
        return {u: self.set_standings.get(u, fresh) for u in user_ids if u in self.user_ids}


class FakeReceipts:
    """The watermarks of `FakeChats`."""

    def __init__(self, chats: FakeChats) -> None:
        self._chats = chats
        self.writes = 0

    def advance(self, chat_id: str, user_id: str, mark: Mark, seq: int) -> tuple[Watermarks, bool] | None:
        """Never back."""
        standing = self._chats.standing(chat_id, user_id)
        if standing is None:
            return None
        marks = standing.watermarks
        if seq <= (marks.read_seq if mark == "read" else marks.delivered_seq):
            return marks, False
        self.writes += 1
        read = seq if mark == "read" else marks.read_seq
        moved = marks._replace(delivered_seq=max(marks.delivered_seq, seq), read_seq=read)
        self._chats.marks[chat_id, user_id] = moved
        return moved, True


class FakeFormerChats:
    """Lists of chats, and the ends of direct ones."""

    def __init__(self, chats: FakeChats) -> None:
        self._chats = chats
        self.lists: dict[str, set[str]] = {}

    def add(self, user_id: str, chat_id: str) -> None:
        """Add."""
        self.lists.setdefault(user_id, set()).add(chat_id)

    def of_user(self, user_id: str, after: str | None, limit: int) -> Sequence[str]:
        """By id."""
        return sorted(c for c in self.lists.get(user_id, ()) if c > (after or ""))[:limit]

    def remove(self, user_id: str, chat_id: str) -> None:
        """Strike off."""
        left = self.lists.get(user_id, set()) - {chat_id}
        self.lists = {user: chats for user, chats in {**self.lists, user_id: left}.items() if chats}

    def leave_direct(self, user_id: str, chat_id: str) -> None:
        """Leave."""
        members = self._chats.members[chat_id]
        self._chats.members[chat_id] = [member for member in members if member != user_id]
