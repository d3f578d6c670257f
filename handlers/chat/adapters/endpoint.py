"""HTTP/1.1 to one endpoint over connections that are kept open: as much of it as AWS's APIs need.

A general HTTP client's care costs more CPU time than all else of a call together; see docs/performance.md.
"""

from __future__ import annotations

import select
import socket
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl

CONNECTIONS_KEPT = 8
"""Idle connections that an endpoint keeps open: as many as the services use side by side."""
CONNECT_TIMEOUT = 1.0
_PORTS = {"http": 80, "https": 443}
_NO_CONTENT = 204


class Response(NamedTuple):
    """What was answered."""

    status: int
    headers: dict[str, str]
    """By name in lower case."""
    body: bytes


class Endpoint:
    """One scheme, host and port, and below them a path. Threads may share it."""

    def __init__(self, url: str, read_timeout: float) -> None:
        """Reach the URL; wait `read_timeout` seconds at most for a piece of an answer."""
        parts = urlsplit(url)
        self.host = parts.netloc
        """As the header `Host` has it."""
        self.path = parts.path.rstrip("/")
        """Before the path of every request."""
        self._tls = parts.scheme == "https"
        self._address = (parts.hostname or "", parts.port or _PORTS[parts.scheme])
        self._read_timeout = read_timeout
        self._idle: list[_Connection] = []

    def exchange(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Response:
        """Send a request and read its answer.

        Raises:
            OSError: there is no connection, or no whole answer in time. The request may have had its effect.
        """
        lines = [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join((f"{method} {path} HTTP/1.1", *lines, f"content-length: {len(body)}", "", ""))
        connection = self._take()
        try:
            response = connection.exchange(head.encode("latin-1") + body)
        except BaseException:
            connection.close()
            raise
        if connection.reusable and len(self._idle) < CONNECTIONS_KEPT:
            self._idle.append(connection)
        else:
            connection.close()
        return response

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> _Connection:
        """The connection used last that is still open, else a new one."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open():
                return connection
            connection.close()
        plain = socket.create_connection(self._address, CONNECT_TIMEOUT)
        plain.settimeout(self._read_timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if not self._tls:
            return _Connection(plain)
        return _Connection(_tls_context().wrap_socket(plain, server_hostname=self._address[0]))


class _Connection:
    """One connection: one request, then its answer, at a time."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._file: BinaryIO = connected.makefile("rb")
        self.reusable = True

    def is_open(self) -> bool:
        """Whether nothing has come unasked; an end of the connection would have."""
        return not select.select([self._socket], (), (), 0)[0]

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def exchange(self, request: bytes) -> Response:
        self._socket.sendall(request)
        try:
            status = int(self._line().split(None, 2)[1])
            headers = self._headers()
            self.reusable = headers.get("connection", "").lower() != "close"
            return Response(status, headers, self._body(status, headers))
        except (ValueError, IndexError) as fault:
            raise ConnectionError("The answer is not HTTP.") from fault

    def _line(self) -> bytes:
        line = self._file.readline()
        if not line.endswith(b"\n"):
            raise ConnectionResetError("The connection ended before its answer was whole.")
        return line

    def _headers(self) -> dict[str, str]:
        headers = {}
        while line := self._line().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return headers

    def _body(self, status: int, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return self._exactly(int(headers["content-length"]))
        if headers.get("transfer-encoding", "").lower() == "chunked":
            chunks = []
            while size := int(self._line().partition(b";")[0], 16):
                chunks.append(self._exactly(size))
                self._line()
            self._headers()  # the trailer's, which say nothing of use
            return b"".join(chunks)
        if status == _NO_CONTENT:
            return b""
        self.reusable = False
        return self._file.read()

    def _exactly(self, size: int) -> bytes:
        content = self._file.read(size)
        if len(content) < size:
            raise ConnectionResetError("The connection ended before its answer was whole.")
        return content


@cache
def _tls_context() -> ssl.SSLContext:
    """The one context: the authorities' certificates are read once, and not for each endpoint."""
    import ssl  # noqa: PLC0415 - where AWS is on this machine, nothing needs it

    return ssl.create_default_context()
