"""The connections to dynoxide: kept-alive HTTP/1.1, as little of it as dynoxide speaks."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import msgspec

from localcloud.dynamodb.tables import CallError
from localcloud.interfaces import Response

_HEAD = (
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n"
    # dynoxide wants a signature to be there and does not look at it; the client's has been verified before.
    b"Authorization: AWS4-HMAC-SHA256 Credential=localcloud/20260101/us-east-1/dynamodb/aws4_request, "
    b"SignedHeaders=host, Signature=0\r\nX-Amz-Date: 20260101T000000Z\r\n"
    b"X-Amz-Target: DynamoDB_20120810.%b\r\nContent-Length: %d\r\n\r\n"
)
_PASSED_ON = frozenset({b"content-type", b"x-amzn-requestid", b"x-amz-crc32"})
_OK = 200


class Client:
    """Calls dynoxide. A general HTTP client's care costs more here than all else of a request together."""

    def __init__(self, port: int) -> None:
        """Call the dynoxide on this loopback port."""
        self._port = port
        self._idle: list[_Connection] = []

    def close(self) -> None:
        """Close the connections that nobody waits on."""
        while self._idle:
            self._idle.pop().close()

    async def send(self, operation: str, body: bytes) -> Response:
        """One operation, its answer as dynoxide words it.

        Raises:
            ConnectionError: dynoxide is gone.
        """
        connection = await self._connection()
        try:
            response = await connection.exchange(_HEAD % (operation.encode(), len(body)) + body)
        except BaseException:  # also a cancelled caller's: the answer is still on its way
            connection.close()
            raise
        self._idle.append(connection)
        return response

    async def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """One control operation.

        Raises:
            CallError: dynoxide refuses it.
        """
        response = await self.send(operation, msgspec.json.encode(request))
        answer: dict[str, Any] = msgspec.json.decode(response.body or b"{}")
        if response.status != _OK:
            reason = answer.get("message")
            raise CallError(f"dynoxide refuses {operation} of {request.get('TableName')}: {reason}")
        return answer

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        loop = asyncio.get_running_loop()
        _transport, connection = await loop.create_connection(_Connection, "127.0.0.1", self._port)
        return connection


class _Connection(asyncio.Protocol):
    """One connection: one request, then its answer, at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._answer: asyncio.Future[Response] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can be used."""
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """Close it."""
        if self._transport is not None:
            self._transport.close()

    async def exchange(self, request: bytes) -> Response:
        """Send a request and wait for its answer."""
        if self._transport is None:
            raise ConnectionResetError("dynoxide closed the connection.")
        self._received = b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without saying so

    def data_received(self, data: bytes) -> None:
        """Take a piece of the answer."""
        self._received = self._received + data if self._received else data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator:
            return
        status_line, *lines = head.split(b"\r\n")
        headers = [
            (name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)
        ]
        length = next((int(value) for name, value in headers if name == b"content-length"), 0)
        if len(body) >= length and self._answer is not None and not self._answer.done():
            passed_on = tuple(header for header in headers if header[0] in _PASSED_ON)
            self._answer.set_result(Response(int(status_line.split(b" ", 2)[1]), passed_on, body))

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell whoever waits."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError("dynoxide closed the connection."))
