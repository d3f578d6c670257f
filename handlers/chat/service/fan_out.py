"""Carries out the fan-out queue's tasks: posts to many, slice by slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from chat.codec import encode
from chat.protocol.fan_out import SLICE, FanOutTask, Notify, PostToMembers, PostToUsers, TellPresence
from chat.service.post import Posted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chat.ports.chats import Members
    from chat.ports.connections import Connections
    from chat.ports.queue import Queue
    from chat.protocol import fan_out
    from chat.service.post import Post

RETRY_DELAY = 2
"""Seconds after which those whom a post did not reach are tried again by themselves."""


class UnreachedError(Exception):
    """None of a task's users could be reached: it returns to its queue, in the end to the dead letters."""


class FanOut:
    """Posts to slices of users.

    Those who are not reached go on as a task of their own, so that the others get no repeat.
    """

    def __init__(
        self,
        members: Members,
        connections: Connections,
        post: Post,
        queue: Queue,
        tell_presence: Callable[[TellPresence], None],
        notify: Callable[[Notify], None],
    ) -> None:
        """Read the `members` of chats, post to their `connections`, leave what remains in `queue`."""
        self._members = members
        self._connections = connections
        self._post = post
        self._queue = queue
        self._tell_presence = tell_presence
        self._notify = notify

    def __call__(self, task: FanOutTask) -> None:
        """Carry out a task.

        Raises:
            UnreachedError: nobody whom the task names was reached, nobody else was to be.
        """
        match task:
            case TellPresence():
                self._tell_presence(task)
            case Notify():
                self._notify(task)
            case PostToUsers():
                posted = self._post_to(task.user_ids, task)
                if set(posted.missed) == set(task.user_ids):
                    raise UnreachedError
                self._follow_up(task, task.user_ids, posted)
            case PostToMembers():
                page = self._members.page(task.chat_id, None if task.after is UNSET else task.after, SLICE)
                if page.next:  # before the posts, so that the slices are posted to side by side
                    self._queue.send(encode(msgspec.structs.replace(task, after=page.next)))
                self._follow_up(task, page.user_ids, self._post_to(page.user_ids, task))

    def _follow_up(self, task: fan_out.Post, user_ids: Sequence[str], posted: Posted) -> None:
        """Leave to the queue who was not reached, and who is away."""
        if posted.missed:
            again = PostToUsers(user_ids=posted.missed, frames=task.frames, but=task.but, notice=task.notice)
            self._queue.send(encode(again), RETRY_DELAY)
        if task.notice is not UNSET:
            away = [user_id for user_id in posted.away(user_ids) if user_id != task.notice.sender_id]
            if away:
                self._queue.send(encode(Notify(user_ids=away, notice=task.notice)))

    def _post_to(self, user_ids: Sequence[str], task: fan_out.Post) -> Posted:
        """Post a task's frames to the users' connections."""
        if not user_ids:
            return Posted((), ())
        connections = [found for found in self._connections.of_users(user_ids) if found.id != task.but]
        return self._post(connections, [bytes(frame) for frame in task.frames])
