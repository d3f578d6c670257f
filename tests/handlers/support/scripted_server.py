"""A TCP server that answers each request with the next bytes of its script, whatever is asked."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Last(bytes):
    """An answer after which the connection is closed."""


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
HANG_UP = Last()
"""Close the connection in place of an answer."""
SILENCE = None
"""Answer nothing, and keep the connection open."""


class ScriptedServer:
    """Takes one connection after the other on a free port of the loopback interface."""

    def __init__(self, listener: socket.socket, script: list[bytes | None]) -> None:
        self._listener = listener
        self._script = script
        self._open: list[socket.socket] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def serve(self) -> None:
        """Take connections until the listener is shut down, each until the script ends it."""
        while True:
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connected)
            with suppress(OSError):  # the test has ended it
                self._converse(connected)

    def _converse(self, connected: socket.socket) -> None:
        while self._script and (request := connected.recv(65536)):
            self.requests.append(request)
            answer = self._script.pop(0)
            if answer is SILENCE:
                return
            connected.sendall(answer)
            if isinstance(answer, Last):
                break
        connected.close()

    def end(self) -> None:
        """End what is still open; who reads from it reads its end."""
        for connected in self._open:
            with suppress(OSError):  # it is closed already
                connected.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close every connection, once nobody serves any more."""
        for connected in self._open:
            connected.close()


@contextmanager
def scripted_server(*script: bytes | None) -> Iterator[ScriptedServer]:
    """Serve for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = ScriptedServer(listener, list(script))
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            server.end()
            thread.join(timeout=5)
            server.close()
