"""Users' profiles: they come into being at the first authenticated call, can be found and changed."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from chat.domain import User, timestamp
from chat.errors import ChatError
from chat.protocol.server_frames import UsersBody

if TYPE_CHECKING:
    from chat.domain import Identity
    from chat.ports import Clock, Users

REMEMBERED_USERS = 10_000
"""Users whom an environment remembers to have a profile."""


class UserDirectory:
    """Everyone who has ever called, by name."""

    def __init__(self, users: Users, clock: Clock) -> None:
        """Keep profiles in `users`."""
        self._users = users
        self._clock = clock
        self._seen: OrderedDict[str, None] = OrderedDict()

    def greet(self, identity: Identity) -> None:
        """Give the caller a profile, unless this environment knows of one: one conditional write a user."""
        if identity.user_id not in self._seen:
            self._users.add(User(identity.user_id, identity.username), timestamp(self._clock.now()))
            self._seen[identity.user_id] = None
            if len(self._seen) > REMEMBERED_USERS:
                self._seen.popitem(last=False)

    def get(self, user_id: str) -> User:
        """Give a user's own profile.

        Raises:
            ChatError: `unknown_user`, when it has been deleted.
        """
        return _existing(self._users.get(user_id))

    def rename(self, user_id: str, display_name: str) -> User:
        """Change a user's display name; the profile as it is then.

        Raises:
            ChatError: `unknown_user`, when it has been deleted.
        """
        return _existing(self._users.rename(user_id, display_name))

    def search(self, prefix: str, limit: int) -> UsersBody:
        """Find users whose name begins with the prefix (two characters or more), in any case."""
        users, has_more = self._users.search(prefix, limit)
        return UsersBody(users=users, has_more=has_more)


def _existing(user: User | None) -> User:
    if user is None:
        raise ChatError("unknown_user")
    return user
