"""Free ports for servers that may have to come back on the same one."""

from __future__ import annotations

import socket
from contextlib import suppress
from random import SystemRandom

_HOST = "127.0.0.1"
_PORTS = range(20_000, 32_000)
"""Below those that Linux gives to clients: one of these stays free while its server is down."""


def free_port() -> int:
    """Give a port of loopback that nobody listens on at this moment.

    Raises:
        OSError: none is free.
    """
    for port in SystemRandom().sample(_PORTS, len(_PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((_HOST, port))
            return port
    raise OSError(f"Every port from {_PORTS.start} to {_PORTS.stop} is taken.")
