"""What pages ask of the web site's own origin: HTTP events without a token, with a cookie no script sees.

No other site can make a browser ask in its user's name: the cookie is SameSite=Strict, the header `Origin`
has to be the site's own, and only JSON is taken, which no form sends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from chat.codec import decode, encode, error_body, parse, retry_after
from chat.errors import ChatError
from chat.invocation import carry_out
from chat.protocol.http_common import Failure

if TYPE_CHECKING:
    from chat.http import Event, Handler

COOKIE = "__Secure-session"
"""Its prefix has browsers take it over TLS alone."""
_ATTRIBUTES = "Path=/auth; Secure; HttpOnly; SameSite=Strict"
_FORGOTTEN = f"{COOKIE}=; Max-Age=0; {_ATTRIBUTES}"
_Parsed = TypeVar("_Parsed")


class _Context(msgspec.Struct, frozen=True, rename="camel"):
    request_id: str


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    route_key: str
    request_context: _Context
    headers: dict[str, str]
    cookies: list[str] = []
    query_string_parameters: dict[str, str] = {}
    body: str = ""
    is_base64_encoded: bool = False


class SiteRequest(msgspec.Struct, frozen=True):
    """A request of a page of the web site."""

    cookie: str
    """The session's; empty where the browser has none."""
    query: Mapping[str, str]
    body: str

    def parse_query(self, type_: type[_Parsed]) -> _Parsed:
        """Read the query as this type; ChatError `bad_request` when it does not fit."""
        return parse(self.query, type_)

    def parse_body(self, type_: type[_Parsed]) -> _Parsed:
        """Read the body as this type; ChatError `not_json` or `bad_request` when it does not fit."""
        return decode(self.body, type_)


class SiteResponse(msgspec.Struct, frozen=True):
    """What is answered, and the session's cookie from now on."""

    body: msgspec.Struct
    cookie: str = ""
    """Empty to have the browser forget it."""
    seconds: int = 0
    """For which the browser keeps it."""


Answer = Callable[[SiteRequest], SiteResponse]


def routes(answers: Mapping[str, Answer], origin: str) -> Handler:
    """Make the handler of routes, by their keys such as `POST /auth/token`; `origin` is the site's.

    No answer has the status 403 or 404: for these the distribution before it answers with the page.
    """

    def handler(event: Event, _context: object) -> dict[str, Any]:
        parsed = msgspec.convert(event, _Event)

        def work() -> SiteResponse:
            _require_own_page(parsed, origin)
            request = SiteRequest(_cookie(parsed.cookies), parsed.query_string_parameters, parsed.body)
            return answers[parsed.route_key](request)

        result = carry_out(parsed.route_key, {"requestId": parsed.request_context.request_id}, work)
        if not isinstance(result, ChatError):
            return _answered(result.body, 200, [_set_cookie(result)])
        forgotten = [_FORGOTTEN] if result.code == "session_ended" else []
        failure = Failure(error=error_body(result))
        return _answered(failure, result.entry.status, forgotten, retry_after(result))

    return handler


def _require_own_page(event: _Event, origin: str) -> None:
    """Refuse what another site's page, or a form, may have had the browser send; ChatError."""
    if event.headers.get("origin") != origin:
        raise ChatError("wrong_origin")
    media_type = event.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" or event.is_base64_encoded:
        raise ChatError("not_json")


def _cookie(cookies: list[str]) -> str:
    return next((text.partition("=")[2] for text in cookies if text.startswith(f"{COOKIE}=")), "")


def _set_cookie(response: SiteResponse) -> str:
    if not response.cookie:
        return _FORGOTTEN
    return f"{COOKIE}={response.cookie}; Max-Age={response.seconds}; {_ATTRIBUTES}"


def _answered(
    body: msgspec.Struct, status: int, cookies: list[str], headers: Mapping[str, str] = {}
) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", "cache-control": "no-store", **headers},
        "cookies": cookies,
        "body": encode(body).decode(),
    }
