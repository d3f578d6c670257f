"""Who may act in which chat, and what this execution environment remembers of chats."""

from __future__ import annotations

import time
from collections import OrderedDict
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from chat.domain import DIRECT, GROUP, kind_of, members_of
from chat.errors import ChatError
from chat.rights import may_write, require
from chat.service.permissions import Permissions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from chat.domain import Role
    from chat.ports.chats import Chats, Entered, Standing
    from chat.roster import Roster

REMEMBERED_CHATS = 10_000
"""Chats that an environment remembers: about 2 MB."""


class KnownChats:
    """Chats seen to exist, each with the highest number seen in it; the longest unused are forgotten."""

    def __init__(self, limit: int = REMEMBERED_CHATS) -> None:
        """Remember up to `limit` chats."""
        self._limit = limit
        self._highest: OrderedDict[str, int] = OrderedDict()

    def highest(self, chat_id: str) -> int | None:
        """The highest number seen in the chat; None when the chat has not been seen."""
        return self._highest.get(chat_id)

    def saw(self, chat_id: str, seq: int = 0) -> None:
        """Remember that the chat exists and its messages up to `seq` too: numbers never vanish."""
        self._highest[chat_id] = max(seq, self._highest.pop(chat_id, 0))
        if len(self._highest) > self._limit:
            self._highest.popitem(last=False)


class Admission(NamedTuple):
    """What a member is let in as, and whom it concerns what the member does."""

    role: Role
    visible_after: int
    """Up to here the chat's messages are not shown to the member."""
    members: Sequence[str]
    """The members; of a channel, whose members are too many to list, its owners and admins."""
    late: Mapping[str, int] = MappingProxyType({})
    """Of members who came later, up to where the chat's messages are not shown to them."""


class Membership:
    """Lets members in. To everyone else a chat looks like one that does not exist.

    Of a direct chat is remembered that it exists: its id says who is in it, and they stay; that they may
    write is, for seconds, since one may block the other. Of groups and channels nothing is: who is removed is
    refused at once, whichever environment is asked.
    """

    def __init__(self, chats: Chats, known: KnownChats, now: Callable[[], float] = time.time) -> None:
        """Ask `chats` about what is not `known` yet; `now` gives seconds since the epoch."""
        self._chats = chats
        self._known = known
        self._permissions = Permissions(now)

    def require(self, user_id: str, chat_id: str) -> int:
        """Let the user read the chat: what follows the number given, which joining later may have raised.

        Raises:
            ChatError: `unknown_chat`.
        """
        if _is_direct(user_id, chat_id) and self._known.highest(chat_id) is not None:
            return 0
        return self.standing(user_id, chat_id).watermarks.visible_after

    def standing(self, user_id: str, chat_id: str) -> Standing:
        """Tell the user what the chat is to them.

        Raises:
            ChatError: `unknown_chat`.
        """
        _require_named(user_id, chat_id)
        standing = self._chats.standing(chat_id, user_id)
        if standing is None:
            raise ChatError("unknown_chat", chat_id=chat_id)
        self._known.saw(chat_id)
        return standing

    def require_all(self, user_id: str, chat_ids: Collection[str]) -> Mapping[str, int]:
        """Let the user read all of the chats: of each what follows its number.

        Raises:
            ChatError: `unknown_chat`, naming the first chat that is not the user's.
        """
        direct = {chat_id for chat_id in chat_ids if _is_direct(user_id, chat_id)}
        asked = [c for c in chat_ids if c not in direct or self._known.highest(c) is None]
        found = self._chats.standings(user_id, asked) if asked else {}
        visible_after = dict.fromkeys(chat_ids, 0)
        for chat_id in asked:
            if chat_id not in found:
                raise ChatError("unknown_chat", chat_id=chat_id)
            visible_after[chat_id] = found[chat_id].watermarks.visible_after
            self._known.saw(chat_id)
        return visible_after

    def members(self, user_id: str, chat_id: str) -> Sequence[str]:
        """Let the user see who is in the chat: its members, the user among them.

        In a channel, where members do not learn of each other, the user alone.

        Raises:
            ChatError: `unknown_chat`.
        """
        if kind_of(chat_id) == GROUP:
            return list(self._enter(user_id, chat_id).roster.places)
        self.require(user_id, chat_id)
        return members_of(chat_id) or (user_id,)

    def hearers(self, user_id: str, chat_id: str) -> Sequence[str]:
        """Tell who may hear how far the user, a member, has got: the members, the user among them.

        In a channel the user alone, and so in a direct chat while one has blocked the other, or the other is
        gone. Costs a read in a group, and in a direct chat not asked about within seconds.
        """
        if kind_of(chat_id) != DIRECT:
            return self.members(user_id, chat_id)
        try:
            return self.admit(user_id, chat_id, 0).members
        except ChatError:
            return (user_id,)

    def enter(self, user_id: str, chat_id: str) -> Admission:
        """Let the user act in the chat on what is there already, as far as the role allows.

        Raises:
            ChatError: `unknown_chat`.
        """
        if _is_direct(user_id, chat_id):
            return Admission("member", self.require(user_id, chat_id), members_of(chat_id))
        return _admission(self._enter(user_id, chat_id))

    def roster(self, user_id: str, chat_id: str) -> Roster:
        """Show the user who owns and administers a group or channel, and a group's members.

        Raises:
            ChatError: `unknown_chat`.
        """
        return self._enter(user_id, chat_id).roster

    def admit(self, user_id: str, chat_id: str, after: int) -> Admission:
        """Let the user send to the chat after message `after`.

        Costs one read in a group or channel; in a direct chat when the environment has not asked within
        seconds, or not seen the chat that far.

        Raises:
            ChatError: `unknown_chat`, `not_permitted`, `blocked` or `bad_after`.
        """
        highest = self._known.highest(chat_id)
        seen = highest is not None and highest >= after
        if _is_direct(user_id, chat_id):
            asked = () if self._permissions.hold(chat_id) else members_of(chat_id)
            if asked or not seen:
                self._look_up_direct(chat_id, asked, 0 if seen else after)
            return Admission("member", 0, members_of(chat_id))
        entered = self._enter(user_id, chat_id, 0 if seen else after)
        require(may_write(entered.roster.kind, entered.standing.role))
        if not entered.has_message:
            raise ChatError("bad_after")
        self._known.saw(chat_id, after)
        return _admission(entered)

    def _look_up_direct(self, chat_id: str, asked: Sequence[str], after: int) -> None:
        """Find the members asked about there and free to write, and message `after` too."""
        found = self._chats.look_up(chat_id, asked, after)
        if len(found.members) < len(asked):
            raise ChatError("unknown_chat", chat_id=chat_id)
        if found.blocked:
            raise ChatError("blocked", chat_id=chat_id)
        if not found.has_message:
            raise ChatError("bad_after")
        if asked:
            self._permissions.found(chat_id)
        self._known.saw(chat_id, after)

    def _enter(self, user_id: str, chat_id: str, seq: int = 0) -> Entered:
        entered = self._chats.enter(chat_id, user_id, seq)
        if entered is None:
            raise ChatError("unknown_chat", chat_id=chat_id)
        return entered


def _is_direct(user_id: str, chat_id: str) -> bool:
    """Tell a direct chat of the user's from a group or channel."""
    return _require_named(user_id, chat_id) == DIRECT


def _require_named(user_id: str, chat_id: str) -> str:
    """Give the chat's kind, unless its id is no chat's, or that of other users' direct chat.

    A direct chat's id says who is in it, so strangers are told apart without a read.
    """
    kind = kind_of(chat_id)
    if kind is None or (kind == DIRECT and user_id not in members_of(chat_id)):
        raise ChatError("unknown_chat", chat_id=chat_id)
    return kind


def _admission(entered: Entered) -> Admission:
    standing, places = entered.standing, entered.roster.places
    late = {user_id: place.visible_after for user_id, place in places.items() if place.visible_after}
    return Admission(standing.role, standing.watermarks.visible_after, list(places), late)
