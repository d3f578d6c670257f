"""The REST API through httpx: tickets, chats, messages and users, as frozen types."""

from __future__ import annotations

import functools
import ssl
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from .errors import AuthenticationFailed, NotReachable, RequestRefused, cause
from .frames import Acked, Message, NewMessage, User
from .tokens import Claims, read_claims

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

_Body = TypeVar("_Body")


class Ticket(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What opens one WebSocket, once, within its short life."""

    ticket: str
    expires_at: datetime


class ChatSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A chat as its member sees it in a listing."""

    chat_id: str
    kind: str
    other_member: User | None = None
    """Who is at the other end of a direct chat."""
    last_seq: int = 0
    read_seq: int = 0
    last_message: Message | None = None


class Chats(msgspec.Struct, frozen=True, kw_only=True):
    """A page of chats; `next` leads to the following one."""

    chats: tuple[ChatSummary, ...]
    next: str | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of messages in ascending order, and whether there is more in the direction asked."""

    messages: tuple[Message, ...]
    has_more: bool = False


class Users(msgspec.Struct, frozen=True, kw_only=True):
    """Users found."""

    users: tuple[User, ...]


class Ack(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where the sent messages are, and what others wrote in between."""

    chat_id: str
    messages: tuple[Acked, ...]
    missed: tuple[Message, ...] = ()


class _Refusal(msgspec.Struct, frozen=True):
    code: str
    message: str
    definite: bool = False


class _Failure(msgspec.Struct, frozen=True):
    error: _Refusal


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Return one TLS context for all clients of the process: reading the certificates takes a while."""
    return ssl.create_default_context()


class Api:
    """One user's view of the HTTP API.

    Every method raises AuthenticationFailed if the access token is not accepted, NotReachable if there is no
    answer, RequestRefused for every other refusal.
    """

    def __init__(self, url: str, tokens: Callable[[], Awaitable[str]], http: httpx.AsyncClient) -> None:
        """Speak to the HTTP API at `url` with the access tokens that `tokens` returns."""
        self._url = url.rstrip("/")
        self._tokens = tokens
        self._http = http

    async def create_ticket(self) -> tuple[Ticket, Claims]:
        """Return a ticket for one WebSocket connection, and the claims of the token that it stands for."""
        token = await self._tokens()
        return await self._request(Ticket, "POST", "/tickets", token=token), read_claims(token)

    async def create_direct_chat(self, user_id: str) -> ChatSummary:
        """Return the direct chat with a user, new or as it is."""
        return await self._request(ChatSummary, "POST", "/chats", body={"kind": "direct", "userId": user_id})

    async def chats(self) -> tuple[ChatSummary, ...]:
        """Return all chats of this user."""
        page = await self._request(Chats, "GET", "/chats", query={"limit": 100})
        chats = page.chats
        while page.next is not None:
            page = await self._request(Chats, "GET", "/chats", query={"limit": 100, "cursor": page.next})
            chats += page.chats
        return chats

    async def chat(self, chat_id: str) -> ChatSummary:
        """Return one chat."""
        return await self._request(ChatSummary, "GET", f"/chats/{_segment(chat_id)}")

    async def messages(
        self, chat_id: str, *, after: int | None = None, before: int | None = None, limit: int | None = None
    ) -> Page:
        """Return the messages that follow `after`, or precede `before`, or else the newest."""
        query = {"after": after, "before": before, "limit": limit}
        return await self._request(Page, "GET", f"/chats/{_segment(chat_id)}/messages", query=query)

    async def send(self, chat_id: str, after: int, messages: Sequence[NewMessage]) -> Ack:
        """Append messages above `after`; a retry repeats the call unchanged."""
        body = {"after": after, "messages": messages}
        return await self._request(Ack, "POST", f"/chats/{_segment(chat_id)}/messages", body=body)

    async def users(self, q: str) -> tuple[User, ...]:
        """Return users whose name begins with `q`, of two characters at least."""
        return (await self._request(Users, "GET", "/users", query={"q": q})).users

    async def me(self) -> User:
        """Return this user's profile."""
        return await self._request(User, "GET", "/users/me")

    async def update_me(self, *, display_name: str) -> User:
        """Change this user's profile and return it."""
        return await self._request(User, "PATCH", "/users/me", body={"displayName": display_name})

    async def _request(
        self,
        type_: type[_Body],
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        token: str | None = None,
    ) -> _Body:
        headers = {"Authorization": f"Bearer {token or await self._tokens()}"}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = msgspec.json.encode(body)
        params = {name: str(value) for name, value in (query or {}).items() if value is not None}
        try:
            response = await self._http.request(
                method, self._url + path, headers=headers, params=params, content=content
            )
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise NotReachable(f"{urlsplit(self._url).netloc} does not answer: {cause(error)}") from error
        return _read(response, type_)


def _segment(text: str) -> str:
    return quote(text, safe="")


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
    raise RequestRefused(
        refusal.code, refusal.message, definite=refusal.definite, status=response.status_code
    )
