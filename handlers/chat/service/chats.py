"""Creates chats and tells users about theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from chat.domain import DIRECT, SEQ_MAX, Chat, User, direct_chat_id, members_of, timestamp
from chat.errors import ChatError
from chat.protocol.http_chats import ChatsBody
from chat.service.parallel import each

if TYPE_CHECKING:
    from chat.domain import Message
    from chat.ports import Chats, Clock, Messages, Users
    from chat.service.membership import Membership


class ChatDirectory:
    """A user's chats, each with the other member and its newest message."""

    def __init__(
        self, chats: Chats, messages: Messages, users: Users, membership: Membership, clock: Clock
    ) -> None:
        """Keep chats in `chats`, describe them from `messages` and `users`."""
        self._chats = chats
        self._messages = messages
        self._users = users
        self._membership = membership
        self._clock = clock

    def create_direct(self, user_id: str, other_id: str) -> tuple[Chat, bool]:
        """Give the direct chat of two users, and whether it is new.

        Raises:
            ChatError: `own_chat` or `unknown_user`.
        """
        if user_id == other_id:
            raise ChatError("own_chat")
        other = self._users.get_all([other_id]).get(other_id)
        if other is None:
            raise ChatError("unknown_user")
        chat_id = direct_chat_id(user_id, other_id)
        created = self._chats.create_direct(chat_id, members_of(chat_id), timestamp(self._clock.now()))
        return _describe(chat_id, other, None if created else self._last(chat_id)), created

    def get(self, user_id: str, chat_id: str) -> Chat:
        """Describe one chat to a member.

        Raises:
            ChatError: `unknown_chat`.
        """
        self._membership.require(user_id, chat_id)
        other_id = _other(user_id, chat_id)
        other = self._users.get_all([other_id]).get(other_id)
        return _describe(chat_id, other or _nameless(other_id), self._last(chat_id))

    def list(self, user_id: str, cursor: str | UnsetType, limit: int) -> ChatsBody:
        """Describe a page of the user's chats, in the order of their ids.

        Args:
            user_id: whose chats.
            cursor: the `next` of the page before, UNSET for the first page.
            limit: chats in the page, 100 at most.
        """
        page = self._chats.of_user(user_id, None if cursor is UNSET else cursor, limit)
        last = each(self._last, page.chat_ids)
        others = [_other(user_id, chat_id) for chat_id in page.chat_ids]
        users = self._users.get_all(others) if others else {}
        chats = [
            _describe(chat_id, users.get(other) or _nameless(other), message)
            for chat_id, other, message in zip(page.chat_ids, others, last, strict=True)
        ]
        return ChatsBody(chats=chats, next=page.next or UNSET)

    def _last(self, chat_id: str) -> Message | None:
        newest = self._messages.before(chat_id, SEQ_MAX + 1, 1).messages
        return newest[0] if newest else None


def _other(user_id: str, chat_id: str) -> str:
    one, other = members_of(chat_id)
    return other if one == user_id else one


def _nameless(user_id: str) -> User:
    """Stand in for a user who has no profile any more."""
    return User(user_id, "")


def _describe(chat_id: str, other: User, last: Message | None) -> Chat:
    return Chat(
        chat_id=chat_id,
        kind=DIRECT,
        other_member=other,
        role="member",
        last_seq=last.seq if last else 0,
        last_change=0,
        visible_after=0,
        read_seq=0,  # nobody has read anything until there are receipts
        delivered_seq=0,
        unread=last.seq if last else 0,
        last_message=last or UNSET,
    )
