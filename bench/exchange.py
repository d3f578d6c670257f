"""One raw, kept-alive HTTP/1.1 connection: the same signed bytes again and again, timed.

A signature is good for minutes, so a request is signed once and replayed. What is timed is the answerer: the
asker does nothing but write and read a socket.
"""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.access import AccessKey

_SECONDS = 10.0
_CHUNK = 65536


def signed(
    key: AccessKey, service: str, region: str, url: str, headers: Mapping[str, str], body: bytes
) -> bytes:
    """A POST as it stands on the wire, signed."""
    request = AWSRequest("POST", url, headers=dict(headers), data=body)
    SigV4Auth(Credentials(key.access_key_id, key.secret_access_key), service, region).add_auth(request)
    address = urlsplit(url)
    lines = [
        f"POST {address.path or '/'} HTTP/1.1",
        f"Host: {address.netloc}",
        f"Content-Length: {len(body)}",
    ]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Exchange:
    """A connection to one port of this machine."""

    def __init__(self, port: int) -> None:
        """Connect."""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        """Hold it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._socket.close()

    def milliseconds(self, request: bytes, times: int) -> list[float]:
        """How long each of so many exchanges of this request takes.

        Raises:
            HarnessError: an answer is not 200.
        """
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            self._socket.sendall(request)
            status = self._read_answer()
            taken.append((time.perf_counter() - began) * 1_000)
            if status != b"200":
                raise HarnessError(f"The request was answered {status.decode()}.")
        return taken

    def _read_answer(self) -> bytes:
        """Read one answer whole; gives its status."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        status_line, *lines = head.split(b"\r\n")
        fields = dict(line.lower().split(b":", 1) for line in lines)
        length = int(fields[b"content-length"])
        while len(body) < length:
            body += self._more()
        return status_line.split(b" ")[1]

    def _more(self) -> bytes:
        chunk = self._socket.recv(_CHUNK)
        if not chunk:
            raise HarnessError("The connection was closed before its answer was whole.")
        return chunk
