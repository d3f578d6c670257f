"""Lets names below execute-api.localhost lead to MiniStack, for functions that run in bare MiniStack.

It tells functions that their API answers at ``{apiId}.execute-api.localhost``, without a port, and leaves it
to the machine to resolve that, which not every machine does. Without this no post would reach a client there.
"""

import os
import socket

_resolve = socket.getaddrinfo


def _getaddrinfo(host, port, *arguments, **options):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN002, ANN003, ANN202
    if isinstance(host, str) and host.endswith(".execute-api.localhost"):
        return _resolve("127.0.0.1", os.environ["GATEWAY_PORT"], *arguments, **options)
    return _resolve(host, port, *arguments, **options)


socket.getaddrinfo = _getaddrinfo
