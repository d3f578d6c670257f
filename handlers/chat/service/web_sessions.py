"""Sessions of browsers: a cookie that is good once stands for a refresh token that no browser ever sees.

Cookies of a session are numbered. The next one is given whenever one is used; one that comes again later than
a lost answer or a second tab explains was stolen, from the browser or by it, and ends the session.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, NamedTuple

from chat.domain import User, timestamp
from chat.errors import ChatError
from chat.ports.web_sessions import TokensRefusedError, WebSession
from chat.service.parallel import each

if TYPE_CHECKING:
    from chat.ports.clock import Clock
    from chat.ports.connections import Connections, Push
    from chat.ports.users import Users
    from chat.ports.web_sessions import AccessToken, SignedIn, TokenIssuer, WebSessions
    from chat.service.keyring import Keyring
    from chat.service.limits import Limiter

LOGGER = logging.getLogger("chat")

GRACE = 60.0
"""Seconds for which the cookie before the last one is taken: two tabs use one, an answer gets lost."""
LIFETIME = 30 * 24 * 60 * 60
"""Seconds that a session lasts at most: as long as the client's refresh tokens, in stack/federation.yaml."""
NAME_LENGTH = 64
"""Characters of a display name."""
_ID_BYTES = 16
_COOKIE = re.compile(r"(?P<id>[A-Za-z0-9_-]{22})\.(?P<generation>\d{1,9})\.(?P<signature>[A-Za-z0-9_-]{43})")


class Granted(NamedTuple):
    """What a browser gets: a token for its page, and a cookie that the page cannot read."""

    access_token: AccessToken
    cookie: str
    seconds: int
    """For which the cookie is kept."""


class _Presented(NamedTuple):
    """A cookie that is one of ours."""

    session_id: str
    generation: int


class BrowserSessions:
    """Begins, renews and ends the sessions of browsers."""

    def __init__(
        self,
        sessions: WebSessions,
        issuer: TokenIssuer,
        keys: Keyring,
        users: Users,
        connections: Connections,
        push: Push,
        clock: Clock,
        limit: Limiter,
    ) -> None:
        """Keep `sessions` of what `issuer` gives, and sign their cookies by `keys`.

        Give profiles to `users`, close `connections` by `push`.
        """
        self._sessions = sessions
        self._issuer = issuer
        self._keys = keys
        self._users = users
        self._connections = connections
        self._push = push
        self._clock = clock
        self._limit = limit

    def begin(self, code: str, code_verifier: str, redirect_uri: str) -> Granted:
        """Begin the session of who has signed in.

        Raises:
            ChatError: `sign_in_failed`, where the code is good for nothing.
        """
        try:
            signed_in = self._issuer.exchange(code, code_verifier, redirect_uri)
        except TokensRefusedError as refused:
            raise ChatError("sign_in_failed") from refused
        now = self._clock.now()
        self._introduce(signed_in, now)
        session = WebSession(
            id=secrets.token_urlsafe(_ID_BYTES),
            user_id=signed_in.user_id,
            refresh_token=signed_in.refresh_token,
            generation=0,
            renewed_at=now,
            expires_at=int(now) + LIFETIME,
        )
        self._sessions.add(session)
        return self._granted(signed_in.access_token, session, 0)

    def renew(self, cookie: str) -> Granted:
        """Give another access token and the next cookie; asked again at once, the same cookie.

        Raises:
            ChatError: `session_ended`. A cookie that was used long ago ends its session for everybody.
                `too_many_requests`, before the user pool is asked, whose quota is everybody's.
        """
        presented = self._read(cookie)
        if presented is None:
            raise ChatError("session_ended")
        self._limit(presented.session_id)
        session = self._sessions.get(presented.session_id)
        now = self._clock.now()
        if session is None or session.expires_at <= now:
            raise ChatError("session_ended")
        if not _is_good(presented.generation, session, now):
            LOGGER.warning("session_cookie_reused", extra={"fields": {"userId": session.user_id}})
            self._end(session)
            raise ChatError("session_ended")
        try:
            access_token = self._issuer.refresh(session.refresh_token)
        except TokensRefusedError as refused:
            self._sessions.remove(session.id)
            raise ChatError("session_ended") from refused
        if (
            presented.generation == session.generation
            and not self._sessions.renew(session.id, session.generation, now)
            and self._sessions.get(session.id) is None
        ):
            raise ChatError("session_ended")  # by another request, meanwhile
        return self._granted(access_token, session, presented.generation + 1)

    def end(self, cookie: str) -> None:
        """End the session of a cookie, if it has one. Repeating it is harmless."""
        presented = self._read(cookie)
        session = self._sessions.get(presented.session_id) if presented else None
        if session is not None:
            self._end(session)

    def _end(self, session: WebSession) -> None:
        """Revoke, forget, disconnect: what fails halfway is done by repeating it.

        All of the user's connections are closed: which of them this browser has opened is known to nobody.
        Those of other devices are opened again at once.
        """
        self._issuer.revoke(session.refresh_token)
        self._sessions.remove(session.id)
        each(self._push.close, self._connections.of_users([session.user_id]))

    def _introduce(self, signed_in: SignedIn, now: float) -> None:
        """Give a new user a profile by the name that the identity provider has told."""
        name = signed_in.name.strip()[:NAME_LENGTH]
        if not name or self._users.get(signed_in.user_id) is not None:
            return
        if self._users.add(User(signed_in.user_id, signed_in.username), timestamp(now)):
            self._users.update(signed_in.user_id, {"displayName": name})

    def _granted(self, access_token: AccessToken, session: WebSession, generation: int) -> Granted:
        seconds = session.expires_at - int(self._clock.now())
        signature = _signature(self._keys.signing(), session.id, generation)
        return Granted(access_token, f"{session.id}.{generation}.{signature}", seconds)

    def _read(self, cookie: str) -> _Presented | None:
        """What a cookie says; None for one that is not of our making."""
        match = _COOKIE.fullmatch(cookie)
        if match is None:
            return None
        presented = _Presented(match["id"], int(match["generation"]))
        ours = [_signature(key, *presented) for key in self._keys.accepted()]
        return presented if any(hmac.compare_digest(match["signature"], each) for each in ours) else None


def _signature(key: str, session_id: str, generation: int) -> str:
    signed = hmac.digest(key.encode(), f"parley web session {session_id} {generation}".encode(), "sha256")
    return urlsafe_b64encode(signed).rstrip(b"=").decode()


def _is_good(generation: int, session: WebSession, now: float) -> bool:
    """Whether the cookie with this number may be used: the last one, or the one before it for a moment."""
    if generation == session.generation:
        return True
    return generation == session.generation - 1 and now < session.renewed_at + GRACE
