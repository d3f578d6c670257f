"""Browsers' sessions in memory, and a user pool that gives tokens for codes."""

from __future__ import annotations

from chat.ports.web_sessions import AccessToken, SignedIn, TokensRefusedError, WebSession


class FakeWebSessions:
    """Sessions by id."""

    def __init__(self) -> None:
        self.sessions: dict[str, WebSession] = {}

    def add(self, session: WebSession) -> None:
        """Keep."""
        self.sessions[session.id] = session

    def get(self, session_id: str) -> WebSession | None:
        """One."""
        return self.sessions.get(session_id)

    def renew(self, session_id: str, generation: int, now: float) -> bool:
        """Move on from this generation and no other."""
        session = self.sessions.get(session_id)
        if session is None or session.generation != generation:
            return False
        self.sessions[session_id] = session._replace(generation=generation + 1, renewed_at=now)
        return True

    def remove(self, session_id: str) -> None:
        """Forget."""
        self.sessions.pop(session_id, None)


class FakeTokenIssuer:
    """Gives tokens for the code `good-<user>`; knows which refresh tokens were revoked."""

    def __init__(self) -> None:
        self.revoked: set[str] = set()
        self.issued = 0
        self.refreshed = 0
        self.fault: Exception | None = None

    def exchange(self, code: str, code_verifier: str, redirect_uri: str) -> SignedIn:
        """Give the tokens of the user whom the code names."""
        good, _, user_id = code.partition("-")
        if good != "good" or not code_verifier or not redirect_uri:
            raise TokensRefusedError
        self.issued += 1
        refresh_token = f"refresh-{self.issued}"
        return SignedIn(self._token(), refresh_token, user_id, f"Google_{user_id}", f"{user_id.title()} Doe")

    def refresh(self, refresh_token: str) -> AccessToken:
        """Another token, unless it was revoked."""
        if self.fault:
            raise self.fault
        if refresh_token in self.revoked:
            raise TokensRefusedError
        self.refreshed += 1
        return self._token()

    def revoke(self, refresh_token: str) -> None:
        """Remember it."""
        if self.fault:
            raise self.fault
        self.revoked.add(refresh_token)

    def _token(self) -> AccessToken:
        return AccessToken("access", 3_600)
