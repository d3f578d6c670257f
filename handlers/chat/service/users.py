"""Users' profiles: they come into being at the first authenticated call, can be found and changed."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar

from msgspec import UNSET, structs

from chat.domain import User, timestamp
from chat.errors import ChatError
from chat.protocol.server_frames import UsersBody

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat.domain import Identity
    from chat.ports.clock import Clock
    from chat.ports.users import Blocks, Users
    from chat.service.avatars import Avatars

_Found = TypeVar("_Found")

REMEMBERED_USERS = 10_000
"""Users whom an environment remembers to have a profile."""
GREETING_LIFETIME = 60
"""Seconds for which an environment trusts that a user still has one; so soon a deletion holds everywhere."""


class UserDirectory:
    """Everyone who has ever called, by name."""

    def __init__(self, users: Users, clock: Clock) -> None:
        """Keep profiles in `users`."""
        self._users = users
        self._clock = clock
        self._greeted: OrderedDict[str, float] = OrderedDict()

    def greet(self, identity: Identity) -> None:
        """Give the caller a profile, unless there is one: one conditional write a user and minute at most.

        Raises:
            ChatError: `signed_out`, when the caller's account was deleted: the token outlives it.
        """
        now = self._clock.now()
        greeted_at = self._greeted.get(identity.user_id)
        if greeted_at is not None and now < greeted_at + GREETING_LIFETIME:
            return
        if not self._users.add(User(identity.user_id, identity.username), timestamp(now)):
            raise ChatError("signed_out")
        self._greeted[identity.user_id] = now
        self._greeted.move_to_end(identity.user_id)
        if len(self._greeted) > REMEMBERED_USERS:
            self._greeted.popitem(last=False)

    def get(self, user_id: str) -> User:
        """Give a user's profile.

        Raises:
            ChatError: `unknown_user`, when there is none, or it has been deleted.
        """
        return _existing(self._users.get(user_id))


class UpdateProfile:
    """Changes users' own profiles."""

    def __init__(self, users: Users, avatars: Avatars) -> None:
        """Change `users`; their files are `avatars`."""
        self._users = users
        self._avatars = avatars

    def __call__(self, user_id: str, changes: Mapping[str, str | None]) -> User:
        """Set fields of a user's own profile, by their names on the wire; None removes one.

        Returns:
            The profile as it is then.

        Raises:
            ChatError: `unknown_user`, when it has been deleted, or what is wrong with a new avatar.
        """
        if "avatar" in changes:
            return self._change_avatar(user_id, changes, changes["avatar"])
        return _existing(self._users.update(user_id, changes)).now

    def _change_avatar(self, user_id: str, changes: Mapping[str, str | None], avatar: str | None) -> User:
        """The former goes first: what fails on the way is repeated, and leaves no file that nobody names."""
        was = _existing(self._users.get(user_id))
        if avatar is not None:
            self._avatars.keep(user_id, avatar)
        if was.avatar != avatar:
            self._avatars.forget(was)
        updated = self._users.update(user_id, changes)
        if updated is None:
            self._avatars.forget(structs.replace(was, avatar=avatar or UNSET))
            raise ChatError("unknown_user")
        if updated.was.avatar not in (was.avatar, avatar):  # set by another request meanwhile
            self._avatars.forget(updated.was)
        return updated.now


class UserSearch:
    """Finds users by how their names begin."""

    def __init__(self, users: Users, blocks: Blocks) -> None:
        """Search `users`, and leave out who has blocked the searcher."""
        self._users = users
        self._blocks = blocks

    def __call__(self, user_id: str, prefix: str, limit: int) -> UsersBody:
        """Find users whose name begins with the prefix (two characters or more), in any case."""
        users, has_more = self._users.search(prefix, limit)
        others = [user.user_id for user in users if user.user_id != user_id]
        hidden = self._blocks.among(user_id, others).blocked_by if others else ()
        return UsersBody(users=[user for user in users if user.user_id not in hidden], has_more=has_more)


def _existing(found: _Found | None) -> _Found:
    if found is None:
        raise ChatError("unknown_user")
    return found
