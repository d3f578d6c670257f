"""AWS's limits of a WebSocket connection, and how a backend's call fails on one."""

from __future__ import annotations

MAXIMUM_MESSAGE_BYTES = 131_072
MAXIMUM_FRAME_BYTES = 32_768
MAXIMUM_URL_CHARACTERS = 4096
IDLE_SECONDS = 600.0
LIFE_SECONDS = 7200.0
INTEGRATION_SECONDS = 29.0
# AWS names none for authorizers of WebSocket APIs: they may take what any other call of theirs may.
AUTHORIZER_SECONDS = INTEGRATION_SECONDS
# What may wait for a client that does not read; AWS does not say how much it keeps.
OUTGOING_LIMIT_BYTES = 1_048_576
# How long a client may take to answer a close frame before the connection is given up.
CLOSING_SECONDS = 10.0


class ConnectionGoneError(Exception):
    """No open connection has this id: 410."""


class OutgoingBufferFullError(Exception):
    """The client does not read what already waits for it: 429."""


class PayloadTooLargeError(Exception):
    """More than 128 KB in one message: 413."""
