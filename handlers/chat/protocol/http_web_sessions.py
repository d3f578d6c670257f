"""The bodies about the web client's sessions; their refresh tokens stand in none of them."""

from __future__ import annotations

from typing import Annotated

import msgspec

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2_048)]


class SignInCode(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The body of POST /auth/token: what a sign-in came back with (RFC 6749, RFC 7636)."""

    code: _Text
    code_verifier: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._~-]{43,128}\Z")]
    redirect_uri: _Text


class NoFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request that says all by its cookie: an empty object."""


class AccessGrant(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers POST /auth/token and /auth/refresh; `expiresIn` is in seconds."""

    access_token: str
    expires_in: int
