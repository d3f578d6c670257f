"""What the tests of the command line need."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def answering(content: bytes) -> Iterator[int]:
    """Another program on a port: it answers every connection with the same bytes. Gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _address = server.accept()
                except OSError:
                    return  # the block is over
                with connection:
                    connection.recv(65536)
                    connection.sendall(content)

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def processes_on(directory: Path) -> list[str]:
    """The command lines of all processes that have a directory in their arguments or environment."""
    needle = os.fsencode(directory)
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes()
            if needle in arguments or needle in (process / "environ").read_bytes():
                found.append(os.fsdecode(arguments.replace(b"\0", b" ")))
        except OSError:
            continue  # it ended meanwhile, or is another user's
    return found
