"""What the client reads in its own access token: who it is, until when. The service does the verifying."""

from __future__ import annotations

import base64
import binascii

import msgspec

from .errors import AuthenticationFailed


class Claims(msgspec.Struct, frozen=True):
    """The claims of a Cognito access token that a client needs."""

    sub: str
    """The user's id."""
    exp: int
    """When the token ends, in seconds since the epoch."""
    username: str = ""


def read_claims(token: str) -> Claims:
    """Return a token's claims, unverified.

    Raises:
        AuthenticationFailed: this is no such token.
    """
    try:
        payload = token.split(".")[1]
        return msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=Claims)
    except (IndexError, binascii.Error, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AuthenticationFailed("This is not an access token: sign in again.") from error
