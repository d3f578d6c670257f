"""Tells users about their chats, opens direct ones, and mutes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType, ValidationError, convert

from chat.codec import encode
from chat.domain import DIRECT, SEQ_MAX, Chat, User, direct_chat_id, kind_of, members_of, timestamp
from chat.errors import ChatError
from chat.ports.chats import Standing, Watermarks
from chat.protocol.http_chats import ChatsBody
from chat.protocol.server_frames import Joined
from chat.service.parallel import each

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.domain import Message, Role
    from chat.ports.changes import Changes
    from chat.ports.chats import Chats
    from chat.ports.clock import Clock
    from chat.ports.messages import Messages
    from chat.ports.users import Users
    from chat.service.deliver import Deliver
    from chat.service.membership import Membership


MUTE_LIMIT = 10 * 365 * 24 * 60 * 60
"""Seconds for which a chat is muted at most: about ten years."""


class ChatDirectory:
    """A user's chats, each with its name or its other member, its newest message and what is unread."""

    def __init__(
        self,
        chats: Chats,
        messages: Messages,
        changes: Changes,
        users: Users,
        membership: Membership,
        clock: Clock,
    ) -> None:
        """Keep chats in `chats`, describe them from `messages`, `changes` and `users`."""
        self._chats = chats
        self._messages = messages
        self._changes = changes
        self._users = users
        self._membership = membership
        self._clock = clock

    def create_direct(self, user_id: str, other_id: str) -> tuple[Chat, bool]:
        """Give the direct chat of two users, and whether it is new.

        Raises:
            ChatError: `own_chat`, `unknown_user`, or `blocked` where there is none yet.
        """
        if user_id == other_id:
            raise ChatError("own_chat")
        other = self._users.get_all([other_id]).get(other_id)
        if other is None:
            raise ChatError("unknown_user")
        chat_id = direct_chat_id(user_id, other_id)
        created = self._chats.create_direct(chat_id, members_of(chat_id), timestamp(self._clock.now()))
        if created:
            return describe(newcomer(chat_id, "member"), UNSET, other, None, 0), True
        standing = self._chats.standing(chat_id, user_id)
        if standing is None:
            raise ChatError("blocked", chat_id=chat_id)
        last, last_change = self._ends(chat_id)
        return describe(standing, UNSET, other, last, last_change), False

    def get(self, user_id: str, chat_id: str) -> Chat:
        """Describe one chat to a member.

        Raises:
            ChatError: `unknown_chat`.
        """
        (chat,) = self._describe(user_id, [self._membership.standing(user_id, chat_id)])
        return chat

    def describe(self, standing: Standing, name: str) -> Chat:
        """Describe a group or channel to a member whose standing and whose chat's name are known."""
        return describe(standing, name, UNSET, *self._ends(standing.chat_id))

    def list(self, user_id: str, cursor: str | UnsetType, limit: int) -> ChatsBody:
        """Describe a page of the user's chats, in the order of their ids.

        Args:
            user_id: whose chats.
            cursor: the `next` of the page before, UNSET for the first page.
            limit: chats in the page, 100 at most.
        """
        page = self._chats.of_user(user_id, None if cursor is UNSET else cursor, limit)
        return ChatsBody(chats=self._describe(user_id, page.standings), next=page.next or UNSET)

    def _describe(self, user_id: str, standings: Sequence[Standing]) -> Sequence[Chat]:
        chat_ids = [standing.chat_id for standing in standings]
        ends = each(self._ends, chat_ids)
        others = {chat_id: _other(user_id, chat_id) for chat_id in chat_ids if kind_of(chat_id) == DIRECT}
        users = self._users.get_all(list(others.values())) if others else {}
        shared = [chat_id for chat_id in chat_ids if chat_id not in others]
        names = self._chats.names(shared) if shared else {}
        described = []
        for standing, (last, last_change) in zip(standings, ends, strict=True):
            other = others.get(standing.chat_id)
            described.append(
                describe(
                    standing,
                    names.get(standing.chat_id, UNSET),
                    UNSET if other is None else users.get(other) or _nameless(other),
                    last,
                    last_change,
                )
            )
        return described

    def _ends(self, chat_id: str) -> tuple[Message | None, int]:
        """How far the chat's two logs go."""
        newest = self._messages.before(chat_id, SEQ_MAX + 1, 1).messages
        return newest[0] if newest else None, self._changes.tail(chat_id)


class Mute:
    """Mutes chats for one user, on all of the user's devices."""

    def __init__(self, chats: Chats, directory: ChatDirectory, deliver: Deliver, clock: Clock) -> None:
        """Keep it in `chats`."""
        self._clock = clock
        self._chats = chats
        self._directory = directory
        self._deliver = deliver

    def __call__(self, user_id: str, chat_id: str, until: str | UnsetType) -> Chat:
        """Mute the chat until a time, UNSET or a time that is over: no longer; the chat as it is then.

        A time more than ten years away becomes one in ten years.

        Raises:
            ChatError: `unknown_chat`, or `bad_request` for a day or an hour that there is not.
        """
        muted_until = None if until is UNSET else self._bounded(until)
        if kind_of(chat_id) is None or not self._chats.mute(chat_id, user_id, muted_until):
            raise ChatError("unknown_chat", chat_id=chat_id)
        chat = self._directory.get(user_id, chat_id)
        self._deliver([user_id], [encode(Joined(chat=chat))], None)
        return chat

    def _bounded(self, until: str) -> str | None:
        """The times as they are written are in the order of their letters."""
        try:
            convert(until, datetime)
        except ValidationError as fault:
            raise ChatError("bad_request", "`until` is no time: name a day and hour that exist.") from fault
        now = self._clock.now()
        return min(until, timestamp(now + MUTE_LIMIT)) if until > timestamp(now) else None


def newcomer(chat_id: str, role: Role) -> Standing:
    """What a chat that was created just now is to one of its members."""
    return Standing(chat_id, role, Watermarks(0, 0, 0), None)


def describe(
    standing: Standing,
    name: str | UnsetType,
    other: User | UnsetType,
    last: Message | None,
    last_change: int,
) -> Chat:
    """Say what a chat is to one of its members; `last` is its newest message."""
    marks = standing.watermarks
    last_seq = last.seq if last else 0
    return Chat(
        chat_id=standing.chat_id,
        kind=kind_of(standing.chat_id) or "",
        name=name,
        other_member=other,
        role=standing.role,
        last_seq=last_seq,
        last_change=last_change,
        visible_after=marks.visible_after,
        read_seq=marks.read_seq,
        delivered_seq=marks.delivered_seq,
        member_since=marks.since or UNSET,
        unread=marks.unread(last_seq),
        muted_until=standing.muted_until or UNSET,
        last_message=last if last and last_seq > marks.visible_after else UNSET,
    )


def _other(user_id: str, chat_id: str) -> str:
    one, other = members_of(chat_id)
    return other if one == user_id else one


def _nameless(user_id: str) -> User:
    """Stand in for a user who has no profile any more."""
    return User(user_id, "")
