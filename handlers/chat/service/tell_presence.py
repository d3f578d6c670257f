"""Tells the other members of a user's direct chats that the user has come online, or has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from chat.codec import encode
from chat.domain import DIRECT, PAGE_LIMIT, Presence, kind_of, members_of
from chat.protocol.server_frames import Presences
from chat.service.presence import online_users

if TYPE_CHECKING:
    from chat.ports.chats import Chats
    from chat.ports.clock import Clock
    from chat.ports.connections import Connections
    from chat.ports.queue import Queue
    from chat.ports.users import Blocks, LastSeen
    from chat.protocol.fan_out import TellPresence
    from chat.service.post import Post

BEFORE_DIRECT_CHATS = "dm:"
"""What the ids of direct chats follow, in the order of all ids."""


class PresenceTeller:
    """Tells what is still so when the task is carried out, a hundred chats at a time."""

    def __init__(
        self,
        chats: Chats,
        blocks: Blocks,
        connections: Connections,
        last_seen: LastSeen,
        post: Post,
        queue: Queue,
        clock: Clock,
    ) -> None:
        """Tell those in the user's `chats` who are not blocked and have `connections`, by `post`."""
        self._chats = chats
        self._blocks = blocks
        self._connections = connections
        self._last_seen = last_seen
        self._post = post
        self._queue = queue
        self._clock = clock

    def __call__(self, task: TellPresence) -> None:
        """Tell, unless the user is back meanwhile, is gone again, or it was told before."""
        online = self._is_online(task.user_id)
        if online is (task.left_at is not UNSET) or (task.after is UNSET and not self._note(task)):
            return
        after = BEFORE_DIRECT_CHATS if task.after is UNSET else task.after
        page = self._chats.of_user(task.user_id, after, PAGE_LIMIT)
        chat_ids = [chat_id for chat_id in page.chat_ids if kind_of(chat_id) == DIRECT]
        if page.next and len(chat_ids) == len(page.chat_ids):
            self._queue.send(encode(msgspec.structs.replace(task, after=page.next)))
        presence = Presence(task.user_id, online, task.left_at)
        self._tell(presence, {_other(task.user_id, chat_id): chat_id for chat_id in chat_ids})

    def _is_online(self, user_id: str) -> bool:
        return bool(online_users(self._connections.of_users([user_id]), self._clock.now()))

    def _note(self, task: TellPresence) -> bool:
        """Whether it is news to the others."""
        if task.left_at is UNSET:
            return self._last_seen.come(task.user_id)
        return self._last_seen.leave(task.user_id, task.left_at)

    def _tell(self, presence: Presence, chats: dict[str, str]) -> None:
        """Post to the other members, each with the id of the chat that is shared with them."""
        if not chats:
            return
        blocked, blocked_by = self._blocks.among(presence.user_id, list(chats))
        told = [other for other in chats if other not in blocked and other not in blocked_by]
        connections = self._connections.of_users(told) if told else ()
        for other in dict.fromkeys(connection.user_id for connection in connections):
            frame = encode(Presences(chat_id=chats[other], users=[presence]))
            # Who is not reached asks when they come back: a presence told late may be none any more.
            self._post([connection for connection in connections if connection.user_id == other], [frame])


def _other(user_id: str, chat_id: str) -> str:
    one, other = members_of(chat_id)
    return other if one == user_id else one
