"""The transport of AWS's runtime client, awslambdaric, in place of its native one: half of the round trips.

It stands in the runtime directory and imports nothing of localcloud. A result and the poll for the next event
leave together, and both answers are read when the event comes: a warm invocation wakes this process once,
where the native module wakes it twice and has a thread started.
"""

from __future__ import annotations

import os
import socket
import sys

from awslambdaric.lambda_config import LambdaConfigProvider

_PATH = b"/2018-06-01/runtime/invocation/"
_POLL = b"GET " + _PATH + b"next HTTP/1.1\r\nHost: runtime\r\n\r\n"
_CHUNK_BYTES = 65536
_DEADLINE = "Lambda-Runtime-Deadline-Ms"


class _Connection:
    """The one connection to the Runtime API."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""
        self._posted = False

    def next(self) -> tuple[bytes, dict[str, str]]:
        """Wait for an event: its payload and headers."""
        if self._posted:
            self._posted = False
            self._answer()
        else:
            self._socket.sendall(_POLL)
        return self._answer()

    def post(self, request_id: str, kind: bytes, body: bytes) -> None:
        """Send a result, and poll for the next event."""
        head = b"POST %b%b/%b HTTP/1.1\r\nHost: runtime\r\nContent-Length: %d\r\n\r\n" % (
            _PATH,
            request_id.encode(),
            kind,
            len(body),
        )
        self._socket.sendall(b"".join((head, body, _POLL)))
        self._posted = True

    def _answer(self) -> tuple[bytes, dict[str, str]]:
        while (end := self._read.find(b"\r\n\r\n")) < 0:
            self._receive()
        headers = dict(line.split(": ", 1) for line in self._read[:end].decode("latin-1").split("\r\n")[1:])
        parts, missing = [self._read[end + 4 :]], int(headers["Content-Length"]) - (len(self._read) - end - 4)
        while missing > 0:
            parts.append(self._chunk())
            missing -= len(parts[-1])
        body = b"".join(parts)
        length = int(headers["Content-Length"])
        self._read = body[length:]
        return body[:length], headers

    def _receive(self) -> None:
        self._read += self._chunk()

    def _chunk(self) -> bytes:
        chunk = self._socket.recv(_CHUNK_BYTES)
        if not chunk:
            sys.exit(1)  # localcloud is gone
        return chunk


_connections: list[_Connection] = []


def initialize_client(user_agent: str) -> None:  # noqa: ARG001 - the native module's signature
    """Connect, and have this module called without a thread for each poll, which the native one needs.

    While that waits nothing else runs; a socket's wait lets the process's signal handlers run.
    """
    LambdaConfigProvider.SUPPORTED_THREADPOLLING_ENVS = frozenset()
    _connections.append(_Connection(os.environ["AWS_LAMBDA_RUNTIME_API"]))


def next() -> tuple[bytes, dict[str, str | int]]:  # noqa: A001 - the native module's name
    """Wait for an event: its payload and headers, of which the deadline is a number."""
    body, headers = _connections[0].next()
    return body, {**headers, _DEADLINE: int(headers[_DEADLINE])}


def post_invocation_result(invoke_id: str, result: bytes, *_ignored: object) -> None:
    """Send what the handler returned; its type and the invocation's second id are of no use here."""
    _connections[0].post(invoke_id, b"response", result)


def post_error(invoke_id: str, error: str, *_ignored: object) -> None:
    """Send what the handler raised; X-Ray's cause of it is of no use here."""
    _connections[0].post(invoke_id, b"error", error.encode())
