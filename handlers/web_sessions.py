"""Answers POST /auth/token, /auth/refresh and /auth/logout: the web client's sessions, by a cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.bootstrap import accounts, handlers
from chat.protocol.http_common import Done, NoQuery
from chat.protocol.http_web_sessions import AccessGrant, NoFields, SignInCode
from chat.site import SiteRequest, SiteResponse

if TYPE_CHECKING:
    from chat.service.web_sessions import Granted

sessions = accounts.browser_sessions()


def begin(request: SiteRequest) -> SiteResponse:
    """Begin a session with the code that a sign-in has come back with."""
    request.parse_query(NoQuery)
    asked = request.parse_body(SignInCode)
    return _answer(sessions.begin(asked.code, asked.code_verifier, asked.redirect_uri))


def renew(request: SiteRequest) -> SiteResponse:
    """Give another access token, and the next cookie."""
    request.parse_query(NoQuery)
    request.parse_body(NoFields)
    return _answer(sessions.renew(request.cookie))


def end(request: SiteRequest) -> SiteResponse:
    """End the session, and have the browser forget it."""
    request.parse_query(NoQuery)
    request.parse_body(NoFields)
    sessions.end(request.cookie)
    return SiteResponse(Done())


def _answer(granted: Granted) -> SiteResponse:
    token, expires_in = granted.access_token
    body = AccessGrant(access_token=token, expires_in=expires_in)
    return SiteResponse(body, granted.cookie, granted.seconds)


handler = handlers.site_routes(
    {"POST /auth/token": begin, "POST /auth/refresh": renew, "POST /auth/logout": end}
)
