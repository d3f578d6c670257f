"""Who may act in which chat, and what this execution environment remembers of chats."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from chat.domain import members_of
from chat.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from chat.ports import Chats

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


class Membership:
    """Lets members in. To everyone else a chat looks like one that does not exist."""

    def __init__(self, chats: Chats, known: KnownChats) -> None:
        """Ask `chats` about what is not `known` yet."""
        self._chats = chats
        self._known = known

    def require(self, user_id: str, chat_id: str) -> None:
        """Let the user read the chat.

        Raises:
            ChatError: `unknown_chat`.
        """
        self._require_named(user_id, chat_id)
        if self._known.highest(chat_id) is None:
            if not self._chats.is_member(chat_id, user_id):
                raise ChatError("unknown_chat", chat_id=chat_id)
            self._known.saw(chat_id)

    def require_all(self, user_id: str, chat_ids: Collection[str]) -> None:
        """Let the user read all of the chats.

        Raises:
            ChatError: `unknown_chat`, naming the first chat that is not the user's.
        """
        for chat_id in chat_ids:
            self._require_named(user_id, chat_id)
        unseen = [chat_id for chat_id in chat_ids if self._known.highest(chat_id) is None]
        found = self._chats.memberships(user_id, unseen) if unseen else ()
        for chat_id in unseen:
            if chat_id not in found:
                raise ChatError("unknown_chat", chat_id=chat_id)
            self._known.saw(chat_id)

    def admit(self, user_id: str, chat_id: str, after: int) -> Sequence[str]:
        """Let the user send to the chat after message `after`; the chat's members.

        Costs one read when the environment has not seen the chat, or not that far.

        Raises:
            ChatError: `unknown_chat` or `bad_after`.
        """
        self._require_named(user_id, chat_id)
        members = members_of(chat_id)
        highest = self._known.highest(chat_id)
        if highest is None or highest < after:
            found = self._chats.look_up(chat_id, members if highest is None else (), after)
            if highest is None and len(found.members) < len(members):
                raise ChatError("unknown_chat", chat_id=chat_id)
            if not found.has_message:
                raise ChatError("bad_after")
            self._known.saw(chat_id, after)
        return members

    @staticmethod
    def _require_named(user_id: str, chat_id: str) -> None:
        """A direct chat's id says who is in it, so strangers are told apart without a read."""
        if user_id not in members_of(chat_id):
            raise ChatError("unknown_chat", chat_id=chat_id)
