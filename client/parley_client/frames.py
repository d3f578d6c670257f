"""Frames as they go over the wire: written strictly, read tolerantly.

A frame type that this client does not know becomes an UnknownFrame, so an older client keeps working with a
newer service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from . import server_frames as server

if TYPE_CHECKING:
    from .client_frames import ClientFrame

Typed = (
    server.AckFrame
    | server.MessageFrame
    | server.MessagesFrame
    | server.SyncFrame
    | server.ChangedFrame
    | server.ReceiptFrame
    | server.TypingFrame
    | server.PresenceFrame
    | server.ChatFrame
    | server.LeftFrame
    | server.UsersFrame
    | server.PongFrame
    | server.ErrorFrame
)
"""The service's own frames."""

Received = Typed | server.GatewayErrorFrame | server.UnknownFrame
"""Everything that may arrive."""


class _Tag(msgspec.Struct, frozen=True):
    type: str | None = None


_encoder = msgspec.json.Encoder()
_typed = msgspec.json.Decoder(Typed)
_gateway_error = msgspec.json.Decoder(server.GatewayErrorFrame)
_tag = msgspec.json.Decoder(_Tag)


def encode(frame: ClientFrame) -> str:
    """Return the frame as it goes over the wire."""
    return _encoder.encode(frame).decode()


def size(value: object) -> int:
    """Return how many bytes a text or another value takes inside a frame."""
    return len(_encoder.encode(value))


def decode(data: str | bytes) -> Received:
    """Parse what arrived; what cannot be read becomes an UnknownFrame and never an exception."""
    try:
        if _tag.decode(data).type is None:
            return _gateway_error.decode(data)
        frame: Received = _typed.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return server.UnknownFrame(reason=str(error))
    return frame
