"""Presence: who is online, told to those who share a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from chat.domain import PAGE_LIMIT, Presence
from chat.protocol.server_frames import PresencesBody

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.ports import Clock, Connections, LastSeen
    from chat.service.membership import Membership


class PresenceBoard:
    """Says who is online: whoever has a connection that is not over."""

    def __init__(
        self, membership: Membership, connections: Connections, last_seen: LastSeen, clock: Clock
    ) -> None:
        """Ask `connections` who is there, `last_seen` about the others; `membership` says who may ask."""
        self._membership = membership
        self._connections = connections
        self._last_seen = last_seen
        self._clock = clock

    def __call__(self, user_id: str, chat_id: str) -> PresencesBody:
        """Tell a member about the others of a direct chat or group.

        Raises:
            ChatError: `unknown_chat`.
        """
        others = [member for member in self._membership.members(user_id, chat_id) if member != user_id]
        users: list[Presence] = []
        for start in range(0, len(others), PAGE_LIMIT):
            users += self.of_users(others[start : start + PAGE_LIMIT])
        return PresencesBody(chat_id=chat_id, users=users)

    def of_users(self, user_ids: Sequence[str]) -> list[Presence]:
        """Tell about users, 100 at most, in their order."""
        now = self._clock.now()
        connected = self._connections.of_users(user_ids)
        online = {connection.user_id for connection in connected if connection.expires_at > now}
        away = [user_id for user_id in user_ids if user_id not in online]
        seen = self._last_seen.of_users(away) if away else {}
        return [Presence(user_id, user_id in online, seen.get(user_id, UNSET)) for user_id in user_ids]
