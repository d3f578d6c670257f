"""The web client's sessions, and the user pool's tokens that they stand for."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class WebSession(NamedTuple):
    """One sign-in of one browser."""

    id: str
    user_id: str
    refresh_token: str
    generation: int
    """How often the cookie has been renewed: the number of the one that is good."""
    renewed_at: float
    """When it was last, in seconds since the epoch."""
    expires_at: int
    """When the refresh token ends, in seconds since the epoch."""


class WebSessions(Protocol):
    """Sessions, by their ids. Reads are strongly consistent."""

    def add(self, session: WebSession) -> None:
        """Keep a new session."""

    def get(self, session_id: str) -> WebSession | None:
        """The session with this id."""

    def renew(self, session_id: str, generation: int, now: float) -> bool:
        """Move on from this generation to the next; False when the session has done so, or is gone."""

    def remove(self, session_id: str) -> None:
        """Forget the session, if it is there."""


class TokensRefusedError(Exception):
    """The user pool gives no tokens for this code or refresh token, and never will."""


class AccessToken(NamedTuple):
    """A token that opens the API, and for how many seconds."""

    text: str
    expires_in: int


class SignedIn(NamedTuple):
    """What a code is good for."""

    access_token: AccessToken
    refresh_token: str
    user_id: str
    username: str
    name: str
    """What the identity provider calls the user; empty where it does not tell."""


class TokenIssuer(Protocol):
    """The user pool, as the client that keeps a secret."""

    def exchange(self, code: str, code_verifier: str, redirect_uri: str) -> SignedIn:
        """Give the tokens for a code that a sign-in has come back with.

        Raises:
            TokensRefusedError: it is not a code of this client's, verifier's and address's, or is spent.
        """

    def refresh(self, refresh_token: str) -> AccessToken:
        """Give another access token.

        Raises:
            TokensRefusedError: the refresh token has ended or was revoked.
        """

    def revoke(self, refresh_token: str) -> None:
        """End the refresh token and all that came of it. Repeating it is harmless."""
