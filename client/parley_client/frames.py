"""The frames of the wire as frozen types: what the client sends, strictly, and what it reads, tolerantly.

docs/protocol.md is the source. A field or a frame type that this client does not know is ignored, so an older
client keeps working with a newer service.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class NewMessage(msgspec.Struct, frozen=True, rename="camel"):
    """A message as its sender writes it: a client-made ULID and a text."""

    id: str
    text: str


class ClientFrame(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="action", omit_defaults=True
):
    """What the client sends; `action` tells which."""


class SendMessage(ClientFrame, frozen=True, kw_only=True, tag="sendMessage"):
    """Append messages, in this order, to a chat whose message `after` this client holds."""

    request_id: str
    chat_id: str
    after: int
    messages: tuple[NewMessage, ...]


class GetMessages(ClientFrame, frozen=True, kw_only=True, tag="getMessages"):
    """Ask for a page of a chat's history, above `after` or below `before`."""

    request_id: str
    chat_id: str
    after: int | None = None
    before: int | None = None
    limit: int | None = None


class Sync(ClientFrame, frozen=True, kw_only=True, tag="sync"):
    """Ask for what several chats hold above the number that this client holds."""

    request_id: str
    chats: dict[str, int]


class GetUsers(ClientFrame, frozen=True, kw_only=True, tag="getUsers"):
    """Ask for the users whose name begins with `q`, of two characters at least."""

    request_id: str
    q: str


class Ping(ClientFrame, frozen=True, kw_only=True, tag="ping"):
    """Ask for a sign of life."""


class Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A message as the chat holds it, at its sequence number."""

    id: str
    seq: int
    sender_id: str
    sent_at: datetime
    text: str = ""


class Acked(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a sent message stands in its chat."""

    id: str
    seq: int
    sent_at: datetime

    def of(self, sender_id: str, text: str) -> Message:
        """Return the whole message, with what its sender knows of it."""
        return Message(id=self.id, seq=self.seq, sender_id=sender_id, sent_at=self.sent_at, text=text)


class ChatPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One chat's part of a sync answer."""

    chat_id: str
    messages: tuple[Message, ...] = ()
    has_more: bool = False


class User(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A user as others see them."""

    user_id: str
    username: str
    display_name: str | None = None


class ServerFrame(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="type"):
    """What the service sends; `type` tells which."""


class AckFrame(ServerFrame, frozen=True, kw_only=True, tag="ack"):
    """The sent messages are durable at these numbers; `missed` is what others wrote in between."""

    request_id: str
    chat_id: str
    messages: tuple[Acked, ...]
    missed: tuple[Message, ...] = ()


class MessageFrame(ServerFrame, frozen=True, kw_only=True, tag="message"):
    """A message, live."""

    chat_id: str
    message: Message


class MessagesFrame(ServerFrame, frozen=True, kw_only=True, tag="messages"):
    """A page of history."""

    request_id: str
    chat_id: str
    messages: tuple[Message, ...]
    has_more: bool = False


class SyncFrame(ServerFrame, frozen=True, kw_only=True, tag="sync"):
    """What the asked chats hold above the numbers sent."""

    request_id: str
    chats: tuple[ChatPage, ...]


class UsersFrame(ServerFrame, frozen=True, kw_only=True, tag="users"):
    """The users found."""

    request_id: str
    users: tuple[User, ...]


class PongFrame(ServerFrame, frozen=True, kw_only=True, tag="pong"):
    """A sign of life."""


class ErrorFrame(ServerFrame, frozen=True, kw_only=True, tag="error"):
    """A request was refused; `definite` says that it certainly had no effect."""

    code: str
    message: str = ""
    request_id: str | None = None
    retryable: bool = False
    definite: bool = False
    chat_id: str | None = None


class GatewayErrorFrame(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """API Gateway's own error; its request id is not ours, so it names no request of this client."""

    message: str


class UnknownFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that this client cannot read, and why."""

    reason: str


Received = (
    AckFrame
    | MessageFrame
    | MessagesFrame
    | SyncFrame
    | UsersFrame
    | PongFrame
    | ErrorFrame
    | GatewayErrorFrame
    | UnknownFrame
)

_encoder = msgspec.json.Encoder()
_typed = msgspec.json.Decoder(
    AckFrame | MessageFrame | MessagesFrame | SyncFrame | UsersFrame | PongFrame | ErrorFrame
)
_gateway_error = msgspec.json.Decoder(GatewayErrorFrame)


class _Tag(msgspec.Struct, frozen=True):
    type: str | None = None


_tag = msgspec.json.Decoder(_Tag)


def encode(frame: ClientFrame) -> str:
    """Return the frame as it goes over the wire."""
    return _encoder.encode(frame).decode()


def size(text: str) -> int:
    """Return how many bytes the text takes inside a frame."""
    return len(_encoder.encode(text))


def decode(data: str | bytes) -> Received:
    """Parse what arrived; what cannot be read becomes an UnknownFrame and never an exception."""
    try:
        if _tag.decode(data).type is None:
            return _gateway_error.decode(data)
        frame: Received = _typed.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return UnknownFrame(reason=str(error))
    return frame
