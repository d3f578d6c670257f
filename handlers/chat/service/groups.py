"""Renames groups and channels, and lets their members leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.changes import Dismissed, Ranked
from chat.codec import encode
from chat.domain import CHANNEL, DIRECT, Member, kind_of
from chat.errors import ChatError
from chat.protocol.server_frames import Left
from chat.rights import may_administer, require
from chat.roster import Place
from chat.service.rosters import Altered

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat.domain import Chat
    from chat.ports.chats import Channels, Chats, Entered, Standing
    from chat.service.chats import ChatDirectory
    from chat.service.deliver import Deliver
    from chat.service.membership import Membership
    from chat.service.rosters import RosterLog


class Rename:
    """Gives groups and channels other names."""

    def __init__(self, log: RosterLog, directory: ChatDirectory) -> None:
        """Write to `log`."""
        self._log = log
        self._directory = directory

    def __call__(self, user_id: str, chat_id: str, name: str) -> Chat:
        """Rename the chat; as it is then. Done again, it is answered again.

        The answer rests on what the decision read: who is removed a moment after it is told what was done.

        Raises:
            ChatError: `unknown_chat`, `direct_chat`, `not_permitted` or `contention`.
        """
        standing: Standing

        def decide(_number: int, entered: Entered) -> Altered | None:
            nonlocal standing
            standing = entered.standing
            require(may_administer(standing.role))
            if entered.roster.name == name:
                return None
            return Altered(entered.roster.renamed(name), name=name)

        self._log.record(user_id, chat_id, decide)
        return self._directory.describe(standing, name)


class Leave:
    """Lets members leave groups and channels. One that has members has an owner."""

    def __init__(
        self, log: RosterLog, membership: Membership, chats: Chats, channels: Channels, deliver: Deliver
    ) -> None:
        """Write to `log`, but for who joined a channel: they are no part of its roster."""
        self._log = log
        self._membership = membership
        self._chats = chats
        self._channels = channels
        self._deliver = deliver

    def __call__(self, user_id: str, chat_id: str, connection_id: str | None = None) -> Left:
        """Let the user leave the chat. Who is not in it has left it: nothing is told of it either way.

        When the last owner leaves, the chat is the oldest admin's, else the oldest member's.

        Args:
            user_id: who leaves, by the verified token.
            chat_id: the chat.
            connection_id: the connection it came by, which gets an answer and so no push.

        Raises:
            ChatError: `direct_chat`, `unknown_chat` for a direct chat of others, or `contention`.
        """
        kind = kind_of(chat_id)
        if kind == DIRECT:
            self._membership.standing(user_id, chat_id)
            raise ChatError("direct_chat", chat_id=chat_id)
        left = Left(chat_id=chat_id)
        if kind is not None and self._leave(user_id, chat_id, connection_id):
            self._deliver([user_id], [encode(left)], connection_id)
        return left

    def _leave(self, user_id: str, chat_id: str, connection_id: str | None) -> bool:
        """Whether the user was in the chat."""
        if kind_of(chat_id) == CHANNEL and self._channels.leave(chat_id, user_id):
            return True
        if self._chats.enter(chat_id, user_id, 0) is None:
            return False
        try:
            return self._log.record(user_id, chat_id, self._without(user_id), connection_id) is not None
        except ChatError as error:
            if error.code == "unknown_chat":
                return False  # was removed, or left from another device, since it was asked
            raise

    def _without(self, user_id: str) -> Callable[[int, Entered], Altered]:
        def decide(number: int, entered: Entered) -> Altered:
            chat_id = entered.roster.chat_id
            left = Altered(entered.roster.without(user_id), [Dismissed(chat_id, user_id)], removed=[user_id])
            if left.roster.has_owner():
                return left
            heir = left.roster.heir() or self._oldest_subscriber(chat_id, user_id)
            return left if heir is None else _inherited(left, heir, number)

        return decide

    def _oldest_subscriber(self, chat_id: str, leaving: str) -> str | None:
        """Who of those in a channel joined first; a group's members are all in its roster."""
        return self._channels.oldest_member(chat_id, leaving) if kind_of(chat_id) == CHANNEL else None


def _inherited(left: Altered, heir: str, number: int) -> Altered:
    """Let somebody own what an owner left."""
    place = left.roster.places.get(heir, Place("member", 0, number))
    return left._replace(
        roster=left.roster.having(heir, place._replace(role="owner")),
        effects=[*left.effects, Ranked(left.roster.chat_id, heir, "owner")],
        members=[Member(heir, "owner")],
    )
