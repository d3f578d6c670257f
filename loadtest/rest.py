"""The HTTP API and Cognito for one user, on greenlets: requests over Locust's own client, counted by it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from urllib3.filepost import encode_multipart_formdata

from parley_client import bodies
from parley_client.errors import AuthenticationFailed, NotReachable, RequestRefused, TooManyRequests
from parley_client.rest import segment
from parley_client.tokens import Claims, read_claims
from parley_client.values import AttachmentDraft

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from locust.contrib.fasthttp import FastHttpSession

    from harness.outputs import Outputs
    from parley_client.values import Attachment, ChatSummary

_Body = TypeVar("_Body")
_Answer = TypeVar("_Answer")
_RENEW_BEFORE: Final = 60.0
"""Seconds before its end at which an access token is renewed."""
_UNAUTHORIZED: Final = 401


class _Refusal(msgspec.Struct, frozen=True, rename="camel"):
    code: str
    message: str
    definite: bool = False
    retry_after_ms: int | None = None


class _Failure(msgspec.Struct, frozen=True):
    error: _Refusal


class _Tokens(msgspec.Struct, frozen=True, rename="pascal"):
    access_token: str
    expires_in: float


class _SignedIn(msgspec.Struct, frozen=True, rename="pascal"):
    authentication_result: _Tokens


class Rest:
    """One user's requests. Each raises what parley_client's `Api` raises."""

    def __init__(
        self,
        http: FastHttpSession,
        outputs: Outputs,
        username: str,
        password: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Speak as this user to a deployed stack; `clock` counts seconds."""
        self._http = http
        self._outputs = outputs
        self._username = username
        self._password = password
        self._clock = clock
        self._token = ""
        self._ends = float("-inf")

    def create_ticket(self) -> tuple[str, Claims]:
        """Return a ticket for one WebSocket connection, and the claims of the token that it stands for."""
        ticket = self._ask(bodies.Ticket, "POST", "/tickets", "ticket")
        return ticket.ticket, read_claims(self._token)

    def chats(self) -> tuple[ChatSummary, ...]:
        """Return all chats of this user."""
        page = self._ask(bodies.Chats, "GET", "/chats?limit=100", "list chats")
        chats = page.chats
        while page.next is not None:
            page = self._ask(bodies.Chats, "GET", f"/chats?limit=100&cursor={page.next}", "list chats")
            chats += page.chats
        return chats

    def messages(self, chat_id: str, before: int) -> bodies.Page:
        """Return the page of a chat's messages that precedes this number."""
        path = f"/chats/{segment(chat_id)}/messages?before={before}&limit=50"
        return self._ask(bodies.Page, "GET", path, "GET /chats/{chatId}/messages")

    def upload(self, chat_id: str, content: bytes, name: str, content_type: str) -> AttachmentDraft:
        """Upload a file for a chat and return what a message then attaches."""
        wanted = {"chatId": chat_id, "contentType": content_type, "bytes": len(content)}
        form = self._ask(bodies.Upload, "POST", "/upload-url", "POST /upload-url", wanted)
        parts: dict[str, str | tuple[str, bytes, str]] = {
            **form.fields,
            "file": (name, content, content_type),
        }
        body, kind = encode_multipart_formdata(parts)
        self._fetch("POST", form.url, "POST file", {"Content-Type": kind}, body)
        return AttachmentDraft(media_id=form.media_id, name=name)

    def download(self, chat_id: str, file: Attachment) -> bytes:
        """Return a file of a chat, by the link that the service gives for it."""
        path = f"/chats/{segment(chat_id)}/media/{segment(file.media_id)}"
        link = self._ask(bodies.Download, "GET", path, "GET /chats/{chatId}/media/{mediaId}").url
        content = self._fetch("GET", link, "GET file", {}, None)
        if len(content) != file.bytes:
            raise NotReachable(f"The file has {len(content)} bytes, not {file.bytes}.")
        return content

    def token(self) -> str:
        """Return an access token that is valid for a while, signing in where there is none."""
        if self._clock() >= self._ends - _RENEW_BEFORE:
            body = {
                "AuthFlow": "USER_PASSWORD_AUTH",
                "ClientId": self._outputs.user_pool_client_id,
                "AuthParameters": {"USERNAME": self._username, "PASSWORD": self._password},
            }
            headers = {
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
            }
            url = self._outputs.endpoint or f"https://cognito-idp.{self._outputs.region}.amazonaws.com/"
            answer = self._request(_SignedIn, "POST", url, "sign in", headers, body).authentication_result
            self._token, self._ends = answer.access_token, self._clock() + answer.expires_in
        return self._token

    def _ask(self, type_: type[_Body], method: str, path: str, name: str, body: object = None) -> _Body:
        headers = {"Authorization": f"Bearer {self.token()}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._request(
            type_, method, self._outputs.http_api_url.rstrip("/") + path, name, headers, body
        )

    def _request(
        self, type_: type[_Body], method: str, url: str, name: str, headers: Mapping[str, str], body: object
    ) -> _Body:
        """Return what is answered, read as `type_`."""
        data = None if body is None else msgspec.json.encode(body)
        return self._counted(
            method, url, name, headers, data, lambda status, said: _read(status, said, type_)
        )

    def _fetch(
        self, method: str, url: str, name: str, headers: Mapping[str, str], data: bytes | None
    ) -> bytes:
        """Return what is answered, as it is."""
        return self._counted(method, url, name, headers, data, _take)

    def _counted(
        self,
        method: str,
        url: str,
        name: str,
        headers: Mapping[str, str],
        data: bytes | None,
        read: Callable[[int, bytes | None], _Answer],
    ) -> _Answer:
        """Have Locust make a request and count it under its name; no URL is kept, for some are secrets."""
        with self._http.request(
            method,
            url,
            name,
            data=data,  # type: ignore[arg-type] # what is annotated as str takes bytes
            headers=dict(headers),
            catch_response=True,
        ) as response:
            try:
                return read(response.status_code, response.content)
            except (AuthenticationFailed, NotReachable, RequestRefused) as error:
                response.failure(error)
                raise


def _take(status: int, content: bytes | None) -> bytes:
    if not status:
        raise NotReachable("There is no answer.")
    if status >= 300:  # noqa: PLR2004 - HTTP's success ends here
        raise RequestRefused(f"http_{status}", "The file was refused.", definite=True, status=status)
    return content or b""


def _read(status: int, content: bytes | None, type_: type[_Body]) -> _Body:
    """Return the answer in a response; `status` is 0 where there was none."""
    if not status:
        raise NotReachable("There is no answer.")
    if status < 300:  # noqa: PLR2004 - HTTP's success
        try:
            return msgspec.json.decode(content or b"", type=type_)
        except msgspec.DecodeError as error:
            raise NotReachable(f"The answer is something else than was promised: {error}") from error
    if status == _UNAUTHORIZED:
        raise AuthenticationFailed("The access token is not accepted.")
    try:
        refusal = msgspec.json.decode(content or b"", type=_Failure).error
    except msgspec.DecodeError:
        refusal = _Refusal(code=f"http_{status}", message="refused")
    if refusal.retry_after_ms is not None:
        raise TooManyRequests(
            refusal.code, refusal.message, retry_after=refusal.retry_after_ms / 1_000, status=status
        )
    raise RequestRefused(refusal.code, refusal.message, definite=refusal.definite, status=status)
