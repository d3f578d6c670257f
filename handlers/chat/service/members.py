"""Members of groups and channels: who they are, adding and removing them, and their roles."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from chat.changes import Admitted, Dismissed, Ranked
from chat.codec import encode
from chat.domain import CHANNEL, GROUP_LIMIT, SEQ_MAX, Member, kind_of
from chat.errors import ChatError
from chat.protocol.http_chats import MembersBody, RoleBody
from chat.protocol.server_frames import Joined, Left
from chat.rights import may_add, may_administer, may_give_role, may_remove, may_step_down, require
from chat.roster import Place
from chat.service.rosters import Altered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.domain import Role
    from chat.ports.changes import Changes
    from chat.ports.chats import Channels, Chats, Entered
    from chat.ports.messages import Messages
    from chat.ports.users import Users
    from chat.service.chats import ChatDirectory
    from chat.service.deliver import Deliver
    from chat.service.membership import Membership
    from chat.service.rosters import RosterLog


LOGGER = logging.getLogger("chat")


class MemberList:
    """Who is in a chat, told to its members."""

    def __init__(self, membership: Membership, chats: Chats, changes: Changes) -> None:
        """Ask `chats`, and `changes` how far they had come before."""
        self._membership = membership
        self._chats = chats
        self._changes = changes

    def __call__(self, user_id: str, chat_id: str) -> MembersBody:
        """List a chat's members; of a channel its owners and admins, as members do not learn of each other.

        How far the changes had come is read first, so none up to there is missing in the list.

        Raises:
            ChatError: `unknown_chat`.
        """
        if kind_of(chat_id) == CHANNEL:
            last_change = self._changes.tail(chat_id)
            places = self._membership.roster(user_id, chat_id).places
            members: Sequence[Member] = [Member(id_, places[id_].role) for id_ in sorted(places)]
        else:
            self._membership.require(user_id, chat_id)
            last_change = self._changes.tail(chat_id)
            members = self._chats.list_members(chat_id)
        return MembersBody(chat_id=chat_id, members=members, last_change=last_change)


class SetMember:
    """Adds members to groups, and gives members of groups and channels their roles."""

    def __init__(
        self,
        log: RosterLog,
        chats: Chats,
        messages: Messages,
        users: Users,
        directory: ChatDirectory,
        deliver: Deliver,
    ) -> None:
        """Write to `log`; `messages` say from where a new member sees the chat."""
        self._log = log
        self._chats = chats
        self._messages = messages
        self._users = users
        self._directory = directory
        self._deliver = deliver

    def __call__(
        self, user_id: str, chat_id: str, member_id: str, wanted: Role | UnsetType
    ) -> tuple[RoleBody, bool]:
        """Have somebody be a member, in the role wanted; UNSET: in theirs, or as a plain member.

        Returns:
            The role, and whether they were added.

        Raises:
            ChatError: `unknown_chat`, `direct_chat`, `not_permitted`, `unknown_user`, `unknown_member` in a
                channel, which is joined by oneself, `group_full`, `last_owner` or `contention`.
        """
        role: Role = "member"
        added = False

        def decide(number: int, entered: Entered) -> Altered | None:
            nonlocal role, added
            place = entered.roster.places.get(member_id)
            added = place is None and entered.roster.kind != CHANNEL
            if added:
                role = "member" if wanted is UNSET else wanted
                return self._added(number, entered, member_id, role)
            place = place or self._subscribed(user_id, number, entered, member_id)
            role = place.role if wanted is UNSET else wanted
            return None if role == place.role else _ranked(user_id, entered, member_id, place, role)

        change = self._log.record(user_id, chat_id, decide)
        if added and change is not None:
            self._welcome(member_id, chat_id)
        return RoleBody(chat_id=chat_id, user_id=member_id, role=role), added

    def _added(self, number: int, entered: Entered, member_id: str, role: Role) -> Altered:
        roster = entered.roster
        require(may_add(entered.standing.role, role))
        if len(roster.places) >= GROUP_LIMIT:
            raise ChatError("group_full")
        if self._users.get(member_id) is None:
            raise ChatError("unknown_user")
        place = Place(role, 0 if roster.history == "start" else self._last_seq(roster.chat_id), number)
        return Altered(
            roster.having(member_id, place),
            [Admitted(roster.chat_id, member_id, place, self._log.now())],
            members=[Member(member_id, role, member_since=number)],
        )

    def _welcome(self, member_id: str, chat_id: str) -> None:
        """Tell the new member of the chat, who may be out again by now; it fails nothing, as no push does."""
        try:
            chat = self._directory.get(member_id, chat_id)
        except Exception:
            LOGGER.exception("delivery_failed")
        else:
            self._deliver([member_id], [encode(Joined(chat=chat))], None)

    def _subscribed(self, user_id: str, number: int, entered: Entered, member_id: str) -> Place:
        """The place of somebody who joined a channel; only they and who may promote them learn that they did.

        They themselves: who steps down to a plain member, and does so again, is answered again.
        """
        if member_id != user_id:
            require(may_give_role(entered.standing.role, "member"))
            if self._chats.standing(entered.roster.chat_id, member_id) is None:
                raise ChatError("unknown_member")
        return Place("member", 0, number)

    def _last_seq(self, chat_id: str) -> int:
        newest = self._messages.before(chat_id, SEQ_MAX + 1, 1).messages
        return newest[0].seq if newest else 0


class RemoveMember:
    """Removes members from groups and channels."""

    def __init__(self, log: RosterLog, membership: Membership, channels: Channels, deliver: Deliver) -> None:
        """Write to `log`, but for who joined a channel: they are no part of its roster."""
        self._log = log
        self._membership = membership
        self._channels = channels
        self._deliver = deliver

    def __call__(self, user_id: str, chat_id: str, member_id: str) -> None:
        """Remove somebody else from the chat; who is not in it stays out.

        Raises:
            ChatError: `unknown_chat`, `direct_chat`, `not_permitted` or `contention`.
        """
        if self._unsubscribed(user_id, chat_id, member_id) or self._removed(user_id, chat_id, member_id):
            self._deliver([member_id], [encode(Left(chat_id=chat_id))], None)

    def _unsubscribed(self, user_id: str, chat_id: str, member_id: str) -> bool:
        if kind_of(chat_id) != CHANNEL:
            return False
        require(may_administer(self._membership.enter(user_id, chat_id).role))
        return self._channels.leave(chat_id, member_id)

    def _removed(self, user_id: str, chat_id: str, member_id: str) -> bool:
        def decide(_number: int, entered: Entered) -> Altered | None:
            require(may_administer(entered.standing.role))
            place = entered.roster.places.get(member_id)
            if place is None:
                return None
            require(may_remove(entered.standing.role, place.role))
            effects = [Dismissed(chat_id, member_id)]
            return Altered(entered.roster.without(member_id), effects, removed=[member_id])

        return self._log.record(user_id, chat_id, decide) is not None


def _ranked(user_id: str, entered: Entered, member_id: str, place: Place, role: Role) -> Altered:
    """Give a member another role; a channel's roster has only owners and admins."""
    mine = entered.standing.role
    require(may_step_down(mine, role) if member_id == user_id else may_give_role(mine, place.role))
    roster = entered.roster
    if roster.kind == CHANNEL and role == "member":
        roster = roster.without(member_id)
    else:
        roster = roster.having(member_id, place._replace(role=role))
    if not roster.has_owner():
        raise ChatError("last_owner")
    return Altered(roster, [Ranked(roster.chat_id, member_id, role)], members=[Member(member_id, role)])
