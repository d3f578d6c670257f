"""Blocks: whom a user will not hear from directly, be shown to as online, or be found by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from chat.domain import User, timestamp
from chat.errors import ChatError
from chat.protocol.http_blocks import BlocksBody

if TYPE_CHECKING:
    from chat.ports.clock import Clock
    from chat.ports.users import Blocks, Users


class BlockList:
    """Whom each user has blocked."""

    def __init__(self, blocks: Blocks, users: Users, clock: Clock) -> None:
        """Keep them in `blocks`."""
        self._blocks = blocks
        self._users = users
        self._clock = clock

    def block(self, user_id: str, other_id: str) -> User:
        """Block another user, who is given; repeating it changes nothing.

        Raises:
            ChatError: `own_block` or `unknown_user`.
        """
        if user_id == other_id:
            raise ChatError("own_block")
        other = self._users.get(other_id)
        if other is None:
            raise ChatError("unknown_user")
        self._blocks.add(user_id, other_id, timestamp(self._clock.now()))
        return other

    def unblock(self, user_id: str, other_id: str) -> None:
        """Lift a block; where there is none, nothing changes."""
        self._blocks.remove(user_id, other_id)

    def list(self, user_id: str, cursor: str | UnsetType, limit: int) -> BlocksBody:
        """Give a page of those whom the user has blocked, in the order of their ids.

        Args:
            user_id: whose blocks.
            cursor: the `next` of the page before, UNSET for the first page.
            limit: users in the page, 100 at most.
        """
        page = self._blocks.of_user(user_id, None if cursor is UNSET else cursor, limit)
        profiles = self._users.get_all(page.user_ids) if page.user_ids else {}
        users = [profiles.get(other_id) or User(other_id, "") for other_id in page.user_ids]
        return BlocksBody(users=users, next=page.next or UNSET)
