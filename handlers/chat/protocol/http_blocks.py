"""The HTTP API's bodies and queries about blocks."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, UnsetType

from chat.domain import User, UserId
from chat.protocol.values import DEFAULT_PAGE, PageSize


class BlocksQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of GET /users/me/blocks: `cursor` is the `next` of the page before."""

    cursor: UserId | UnsetType = UNSET
    limit: PageSize = DEFAULT_PAGE


class BlocksBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers GET /users/me/blocks: whom the caller has blocked, and the cursor of the next page if any."""

    users: Sequence[User]
    next: str | UnsetType = UNSET
