"""Presence: who is online, for those who share a chat and have not blocked each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from chat.domain import PAGE_LIMIT, Presence
from chat.protocol.server_frames import PresencesBody

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chat.domain import Connection
    from chat.ports.clock import Clock
    from chat.ports.connections import Connections
    from chat.ports.users import Blocks, LastSeen
    from chat.service.membership import Membership


class PresenceBoard:
    """Says who is online: whoever has a connection that is not over."""

    def __init__(
        self,
        membership: Membership,
        blocks: Blocks,
        connections: Connections,
        last_seen: LastSeen,
        clock: Clock,
    ) -> None:
        """Ask `connections` who is there, `last_seen` about the others; the first two say who may know."""
        self._membership = membership
        self._blocks = blocks
        self._connections = connections
        self._last_seen = last_seen
        self._clock = clock

    def __call__(self, user_id: str, chat_id: str) -> PresencesBody:
        """Tell a member about the others of a direct chat or group.

        Who has blocked the member, or was blocked, looks like someone who never was there.

        Raises:
            ChatError: `unknown_chat`.
        """
        others = [member for member in self._membership.members(user_id, chat_id) if member != user_id]
        blocked, blocked_by = self._blocks.among(user_id, others)
        shown = [other for other in others if other not in blocked and other not in blocked_by]
        seen: dict[str, Presence] = {}
        for start in range(0, len(shown), PAGE_LIMIT):
            seen |= {presence.user_id: presence for presence in self._look(shown[start : start + PAGE_LIMIT])}
        users = [seen.get(other) or Presence(other, online=False) for other in others]
        return PresencesBody(chat_id=chat_id, users=users)

    def _look(self, user_ids: Sequence[str]) -> list[Presence]:
        """Look at 100 users at most, in their order."""
        online = online_users(self._connections.of_users(user_ids), self._clock.now())
        away = [user_id for user_id in user_ids if user_id not in online]
        left = self._last_seen.of_users(away) if away else {}
        return [Presence(user_id, user_id in online, left.get(user_id, UNSET)) for user_id in user_ids]


def online_users(connections: Iterable[Connection], now: float) -> set[str]:
    """Tell whose the connections are that are not over; `now` is in seconds since the epoch."""
    return {connection.user_id for connection in connections if connection.expires_at > now}
