"""The HTTP API's bodies and queries about users."""

from __future__ import annotations

import msgspec

from chat.protocol.values import DisplayName, Prefix, UserCount


class UpdateUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The body of PATCH /users/me."""

    display_name: DisplayName


class UsersQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of GET /users; means what it means in getUsers."""

    q: Prefix
    limit: UserCount = 20
