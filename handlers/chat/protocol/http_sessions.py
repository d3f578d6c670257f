"""The HTTP API's bodies about sessions."""

from __future__ import annotations

import msgspec


class SignOut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of POST /sign-out; a device that signs out alone revokes its own refresh token at Cognito."""

    everywhere: bool

    def __post_init__(self) -> None:
        """Refuse what this route does not do; ValueError."""
        if not self.everywhere:
            raise ValueError("`everywhere` must be true")
