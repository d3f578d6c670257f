"""The HTTP API's bodies and queries about users."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from chat.domain import UserId
from chat.protocol.values import About, AvatarOrNone, DisplayName, Prefix, UserCount


class UpdateUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The body of PATCH /users/me: what is absent stays as it is."""

    display_name: DisplayName | UnsetType = UNSET
    about: About | UnsetType = UNSET
    avatar: AvatarOrNone | UnsetType = UNSET
    """The id of what was uploaded as an avatar; the empty string removes the avatar."""

    def __post_init__(self) -> None:
        """Refuse a body that changes nothing; ValueError."""
        if not self.changes():
            raise ValueError("Nothing is named that is to change")

    def changes(self) -> dict[str, str | None]:
        """What is to change, by the names on the wire; None removes it."""
        avatar = self.avatar or None if self.avatar is not UNSET else UNSET
        named = {"displayName": self.display_name, "about": self.about, "avatar": avatar}
        return {name: value for name, value in named.items() if value is not UNSET}


class UserPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The path of a route about one user."""

    user_id: UserId


class UsersQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of GET /users; means what it means in getUsers."""

    q: Prefix
    limit: UserCount = 20
