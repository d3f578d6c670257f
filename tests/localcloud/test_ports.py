"""Free ports: nobody's, and not among those that clients are given."""

from __future__ import annotations

import socket

from localcloud.ports import free_port

FIRST_OF_CLIENTS = 32_768
"""Of Linux's, unless somebody has set others: https://docs.kernel.org/networking/ip-sysctl.html."""


def test_free_port_can_be_listened_on_and_is_no_clients() -> None:
    """So a server that dies finds its port free when it comes back, whoever tried to connect meanwhile."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        pass
    assert port < FIRST_OF_CLIENTS
