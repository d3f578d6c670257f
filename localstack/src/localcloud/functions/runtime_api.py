"""Lambda's Runtime API 2018-06-01 of one environment: its process polls for events and posts their results.

Each environment has a listener of its own, as on AWS, where AWS_LAMBDA_RUNTIME_API is a bare ``host:port``:
AWS's runtime client cannot post an initialization error to an address with a path.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import httptools

from localcloud.functions.errors import response_too_large

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX: Final = "/2018-06-01/runtime/"
MAXIMUM_PAYLOAD_BYTES: Final = 6 * 1024 * 1024
"""Of an event."""
MAXIMUM_RESPONSE_BYTES: Final = MAXIMUM_PAYLOAD_BYTES + 100
"""Of a response; AWS's own error says 6291556."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event on its way to a handler."""

    request_id: str
    payload: bytes
    function_arn: str
    deadline_ms: int
    """When the function's timeout ends, in ms since the epoch."""
    trace_id: str
    """What X-Ray knows the invocation by."""


@dataclass(frozen=True, slots=True)
class Polled:
    """The process is ready for an event."""


@dataclass(frozen=True, slots=True)
class Responded:
    """The handler returned."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Failed:
    """The handler, or the runtime around it, raised."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class InitializationFailed:
    """The function's module could not be loaded."""

    payload: bytes


Signal = Polled | Responded | Failed | InitializationFailed


@dataclass(frozen=True, slots=True)
class _Reply:
    status: str
    body: bytes = b""
    headers: Mapping[str, str] | None = None

    def encoded(self) -> bytes:
        lines = [
            f"HTTP/1.1 {self.status}",
            "Content-Type: application/json",
            f"Content-Length: {len(self.body)}",
        ]
        lines += [f"{name}: {value}" for name, value in (self.headers or {}).items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


_ACCEPTED: Final = _Reply("202 Accepted", b'{"status":"OK"}')
_NOT_FOUND: Final = _Reply("404 Not Found", b'{"errorMessage":"no such path","errorType":"InvalidPath"}')
_WRONG_REQUEST: Final = _Reply(
    "400 Bad Request", b'{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}'
)
_TOO_LARGE: Final = _Reply(
    "413 Request Entity Too Large",
    b'{"errorMessage":"Exceeded maximum allowed payload size (%d bytes).",'
    b'"errorType":"RequestEntityTooLarge"}' % MAXIMUM_RESPONSE_BYTES,
)

_TURNS_OF_ACCEPTING: Final = 4
"""One to hear of it, and those three."""


class RuntimeApi:
    """The Runtime API of one environment; it tells what the process asks and posts as signals, in order."""

    def __init__(self, on_signal: Callable[[Signal], None]) -> None:
        """Hand every signal to ``on_signal``, in the event loop, before the process has its answer."""
        self._on_signal = on_signal
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._poll: _Connection | None = None
        self._request_id: str | None = None

    async def listen(self) -> str:
        """Open the listener on a free loopback port and return its ``host:port``."""
        loop = asyncio.get_running_loop()
        # In two steps, so that whoever is cancelled in between still has what to close.
        self._server = await loop.create_server(
            lambda: _Connection(self), "127.0.0.1", 0, start_serving=False
        )
        await self._server.start_serving()
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    @property
    def polling(self) -> bool:
        """Whether the process waits for an event."""
        return self._poll is not None

    def is_polling(self, connection: _Connection) -> bool:
        """Whether the process waits for an event on ``connection``."""
        return self._poll is connection

    def send(self, event: Event) -> None:
        """Answer the waiting poll with ``event``."""
        if self._poll is None:
            raise RuntimeError("The environment is not polling: hand events to idle environments only.")
        poll, self._poll, self._request_id = self._poll, None, event.request_id
        headers = {
            "Lambda-Runtime-Aws-Request-Id": event.request_id,
            "Lambda-Runtime-Deadline-Ms": str(event.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": event.function_arn,
            "Lambda-Runtime-Trace-Id": event.trace_id,
        }
        poll.reply(_Reply("200 OK", event.payload, headers))

    async def close(self) -> None:
        """Close the listener and every connection; call it when nobody connects any more."""
        # asyncio takes a connection in three turns of its loop, and loses it if the listener closes amid.
        for _ in range(_TURNS_OF_ACCEPTING):
            await asyncio.sleep(0)
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.close()

    def opened(self, connection: _Connection) -> None:
        """A connection was made."""
        self._connections.add(connection)

    def lost(self, connection: _Connection) -> None:
        """A connection has ended; a poll that waited on it is void."""
        self._connections.discard(connection)
        if self._poll is connection:
            self._poll = None

    def handle(self, connection: _Connection, method: str, path: str, body: bytes) -> None:
        """Take one whole request and have it answered on its connection, a poll when there is an event."""
        match method, path.removeprefix(PREFIX).split("/"):
            case "GET", ["invocation", "next"]:
                self._poll = connection
                self._on_signal(Polled())
                return
            case "POST", ["init", "error"]:
                self._on_signal(InitializationFailed(body))
                reply = _ACCEPTED
            case "POST", ["invocation", request_id, "response" | "error" as kind]:
                reply = self._result(request_id, body, failed=kind == "error")
            case _:
                reply = _NOT_FOUND
        connection.hold(reply)

    def _result(self, request_id: str, body: bytes, *, failed: bool) -> _Reply:
        if request_id != self._request_id:
            return _WRONG_REQUEST
        self._request_id = None
        if len(body) > MAXIMUM_RESPONSE_BYTES:
            self._on_signal(Failed(response_too_large(len(body), MAXIMUM_RESPONSE_BYTES)))
            return _TOO_LARGE
        self._on_signal(Failed(body) if failed else Responded(body))
        return _ACCEPTED


class _Connection(asyncio.Protocol):
    """One HTTP/1.1 connection, kept alive; requests come one after the other."""

    def __init__(self, api: RuntimeApi) -> None:
        self._api = api
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._url = b""
        self._body: list[bytes] = []
        self._held: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._api.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._api.lost(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.reply(_Reply("400 Bad Request"))
            self._flush()
            self.close()
        # A client that has sent its poll along with a result need not wake up before there is an event.
        if not self._api.is_polling(self):
            self._flush()

    def on_message_begin(self) -> None:
        self._url = b""
        self._body = []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"expect" and value.lower() == b"100-continue" and self._transport is not None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode("latin-1")
        self._api.handle(self, method, self._url.decode("latin-1"), b"".join(self._body))

    def hold(self, reply: _Reply) -> None:
        """Answer with the next reply, or when all that was received is dealt with."""
        self._held.append(reply.encoded())

    def reply(self, reply: _Reply) -> None:
        self._held.append(reply.encoded())
        self._flush()

    def _flush(self) -> None:
        if self._transport is not None and self._held:
            self._transport.write(b"".join(self._held))
        self._held.clear()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
