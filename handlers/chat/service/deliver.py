"""Brings frames to the connected devices of users, which never fails what it is done for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec import UNSET

from chat.codec import encode
from chat.domain import CHANNEL, kind_of
from chat.protocol.fan_out import SLICE, Notify, PostToMembers, PostToUsers, with_frames
from chat.service.parallel import each
from chat.service.post import Posted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.domain import Connection
    from chat.ports.connections import Connections
    from chat.ports.queue import Queue
    from chat.protocol.fan_out import Notice
    from chat.service.post import Post

LOGGER = logging.getLogger("chat")

DIRECT_LIMIT = 25
"""Connections that the request itself posts to; where there are more, the fan-out function does."""


class Deliver:
    """Looks up who is connected and posts to each, or leaves it to the fan-out function where they are many.

    Call it after what the frames tell is written: who connects in between finds it in a sync.
    """

    def __init__(self, connections: Connections, post: Post, queue: Queue) -> None:
        """Deliver to `connections` by `post`, or leave it to who reads `queue`."""
        self._connections = connections
        self._post = post
        self._queue = queue

    def __call__(
        self,
        user_ids: Sequence[str],
        frames: Sequence[bytes],
        but: str | None,
        notice: Notice | None = None,
    ) -> None:
        """Bring the frames to every connection of the users but the one with the id `but`.

        Users with a connection that cannot be reached now are left to the fan-out function too, and so is it
        to notify those who have none; nobody is where there is no notice.
        """
        try:
            connections = [found for found in self._look_up(user_ids) if found.id != but]
            if len(connections) > DIRECT_LIMIT:
                left = list(dict.fromkeys(connection.user_id for connection in connections))
                posted = Posted((), left)
            else:
                posted = self._post(connections, frames)
            self._leave(posted.missed, frames, but, notice)
            if notice is not None:
                self._notify([u for u in posted.away(user_ids) if u != notice.sender_id], notice)
        except Exception:
            LOGGER.exception("delivery_failed")

    def to_chat(
        self,
        chat_id: str,
        members: Sequence[str],
        frames: Sequence[bytes],
        but: str | None,
        notice: Notice | None = None,
    ) -> None:
        """Bring the frames to every connection of a chat's members but one.

        Args:
            chat_id: the chat.
            members: who is in it; not read for a channel, whose members the fan-out function walks through.
            frames: what to bring.
            but: the id of the connection that gets none.
            notice: what those are notified of who have none.
        """
        if kind_of(chat_id) == CHANNEL:
            self.to_members(chat_id, frames, but, notice)
        else:
            self(members, frames, but, notice)

    def to_members(
        self, chat_id: str, frames: Sequence[bytes], but: str | None, notice: Notice | None = None
    ) -> None:
        """Bring the frames to a chat's members as the fan-out function finds them, however many they are."""
        try:
            members = PostToMembers(chat_id=chat_id, but=but or UNSET, notice=notice or UNSET)
            for task in with_frames(members, frames):
                self._queue.send(encode(task))
        except Exception:
            LOGGER.exception("delivery_failed")

    def _look_up(self, user_ids: Sequence[str]) -> list[Connection]:
        slices = [user_ids[start : start + SLICE] for start in range(0, len(user_ids), SLICE)]
        return [connection for found in each(self._connections.of_users, slices) for connection in found]

    def _notify(self, user_ids: Sequence[str], notice: Notice) -> None:
        for start in range(0, len(user_ids), SLICE):
            self._queue.send(encode(Notify(user_ids=user_ids[start : start + SLICE], notice=notice)))

    def _leave(
        self, user_ids: Sequence[str], frames: Sequence[bytes], but: str | None, notice: Notice | None
    ) -> None:
        for start in range(0, len(user_ids), SLICE):
            named = user_ids[start : start + SLICE]
            users = PostToUsers(user_ids=named, but=but or UNSET, notice=notice or UNSET)
            for task in with_frames(users, frames):
                self._queue.send(encode(task))
