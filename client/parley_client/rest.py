"""Requests to the HTTP API through httpx: signed with the access token, answered with a frozen type."""

from __future__ import annotations

import functools
import ssl
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from .errors import AuthenticationFailed, NotReachable, RequestRefused, TooManyRequests, cause

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_Body = TypeVar("_Body")


class _Refusal(msgspec.Struct, frozen=True, rename="camel"):
    code: str
    message: str
    definite: bool = False
    retry_after_ms: int | None = None


class _Failure(msgspec.Struct, frozen=True):
    error: _Refusal


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Return one TLS context for all clients of the process: reading the certificates takes a while."""
    return ssl.create_default_context()


def segment(text: str) -> str:
    """Return a text as one segment of a path."""
    return quote(text, safe="")


class Rest:
    """One user's requests."""

    def __init__(self, url: str, tokens: Callable[[], Awaitable[str]], http: httpx.AsyncClient) -> None:
        """Speak to the HTTP API at `url` with the access tokens that `tokens` returns."""
        self._url = url.rstrip("/")
        self.tokens = tokens
        self.http = http

    async def request(
        self,
        type_: type[_Body],
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        token: str | None = None,
    ) -> _Body:
        """Return what the service answers; what is None in the query is left out.

        Raises:
            AuthenticationFailed: the access token is not accepted.
            NotReachable: there is no answer, or none that makes sense.
            TooManyRequests: a limit is reached.
            RequestRefused: any other refusal.
        """
        headers = {"Authorization": f"Bearer {token or await self.tokens()}"}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = msgspec.json.encode(body)
        params = {name: str(value) for name, value in (query or {}).items() if value is not None}
        try:
            response = await self.http.request(
                method, self._url + path, headers=headers, params=params, content=content
            )
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise NotReachable(f"{urlsplit(self._url).netloc} does not answer: {cause(error)}") from error
        return _read(response, type_)


def _read(response: httpx.Response, type_: type[_Body]) -> _Body:
    if response.is_success:
        try:
            return msgspec.json.decode(response.content, type=type_)
        except msgspec.DecodeError as error:
            raise NotReachable(
                f"{response.url.path} was answered with something else than it promises: {error}"
            ) from error
    if response.status_code == httpx.codes.UNAUTHORIZED:
        raise AuthenticationFailed("The access token is not accepted: sign in again.")
    try:
        refusal = msgspec.json.decode(response.content, type=_Failure).error
    except msgspec.DecodeError:
        refusal = _Refusal(code=f"http_{response.status_code}", message=response.reason_phrase)
    if refusal.retry_after_ms is not None:
        raise TooManyRequests(
            refusal.code,
            refusal.message,
            retry_after=refusal.retry_after_ms / 1_000,
            status=response.status_code,
        )
    raise RequestRefused(
        refusal.code, refusal.message, definite=refusal.definite, status=response.status_code
    )
