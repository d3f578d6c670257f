"""What the fan-out queue carries: what a request leaves to the fan-out function, told apart by `task`.

A task may be carried out more than once, and in any order. Frames stand in it as the JSON that they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

TASK_BYTES = 200 * 1_024
"""A task's encoding at most: SQS takes 256 KB, of which all else in the message is an id."""
SLICE = 100
"""Users that one task reaches: as many as one look at who is connected covers."""


class Task(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="task"):
    """Something that the fan-out function does."""


class Notice(msgspec.Struct, frozen=True, rename="camel"):
    """What those who are away are notified of: the last message of a send."""

    chat_id: str
    seq: int
    sender_id: str


class Post(Task, frozen=True, kw_only=True):
    """Posts frames to all connections of some users but one."""

    frames: Sequence[msgspec.Raw] = ()
    but: str | UnsetType = UNSET
    """The id of the connection that gets none: what the frames tell came by it."""
    notice: Notice | UnsetType = UNSET
    """What those of the users are notified of who turn out to be away."""


class PostToUsers(Post, frozen=True, kw_only=True, tag="postToUsers"):
    """Posts frames to users, 100 at most."""

    user_ids: Sequence[str]


class PostToMembers(Post, frozen=True, kw_only=True, tag="postToMembers"):
    """Posts frames to all members of a chat, a slice of them at a time."""

    chat_id: str
    after: str | UnsetType = UNSET
    """The user id after which this slice begins; absent in the first."""


class TellPresence(Task, frozen=True, kw_only=True, tag="tellPresence"):
    """Tells the other members of a user's direct chats that the user has come, or has left."""

    user_id: str
    left_at: str | UnsetType = UNSET
    """When the user's last connection closed; absent where the first has opened."""
    after: str | UnsetType = UNSET
    """The chat id after which this slice of the chats begins; absent in the first."""


class Notify(Task, frozen=True, kw_only=True, tag="notify"):
    """Notifies the browsers of users who are away, 100 at most."""

    user_ids: Sequence[str]
    notice: Notice


FanOutTask = PostToUsers | PostToMembers | TellPresence | Notify
"""Every task."""

_Post = TypeVar("_Post", bound=Post)


def with_frames(post: _Post, frames: Sequence[bytes]) -> Iterator[_Post]:
    """Spread frames, in their order, over as few posts as their bound in bytes allows."""
    room = TASK_BYTES - len(msgspec.json.encode(post))
    taken: list[msgspec.Raw] = []
    size = 0
    for frame in frames:
        if taken and size + len(frame) > room:
            yield msgspec.structs.replace(post, frames=taken)
            taken, size = [], 0
        taken.append(msgspec.Raw(frame))
        size += len(frame) + 1
    if taken:
        yield msgspec.structs.replace(post, frames=taken)
