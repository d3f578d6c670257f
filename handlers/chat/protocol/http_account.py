"""The HTTP API's bodies about the caller's whole account."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType


class Deletion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers DELETE /users/me: the account is being deleted, which takes seconds to minutes."""

    requested_at: str


class Export(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers POST and GET /users/me/export: `ready` with a link that works until `expiresAt`."""

    status: Literal["preparing", "ready"]
    requested_at: str
    url: str | UnsetType = UNSET
    expires_at: str | UnsetType = UNSET
