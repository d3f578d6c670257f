"""The frames that this client sends, told apart by `action`. docs/protocol.md is the source."""

from __future__ import annotations

import msgspec

from .values import NewMessage


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


class Sync(ClientFrame, frozen=True, kw_only=True, tag="sync"):
    """Ask for what several chats hold above the last message and the last change that this client has."""

    request_id: str
    chats: dict[str, int]
    changes: dict[str, int] = {}


class MarkDelivered(ClientFrame, frozen=True, kw_only=True, tag="markDelivered"):
    """Tell that this user's devices hold a chat up to a message."""

    request_id: str
    chat_id: str
    seq: int


class MarkRead(ClientFrame, frozen=True, kw_only=True, tag="markRead"):
    """Tell that this user has read a chat up to a message."""

    request_id: str
    chat_id: str
    seq: int


class Typing(ClientFrame, frozen=True, kw_only=True, tag="typing"):
    """Tell the others that this user is writing."""

    request_id: str
    chat_id: str


class GetMessages(ClientFrame, frozen=True, kw_only=True, tag="getMessages"):
    """Ask for a page of a chat's history, above `after`, below `before` or around a number."""

    request_id: str
    chat_id: str
    after: int | None = None
    before: int | None = None
    around: int | None = None
    limit: int | None = None


class EditMessage(ClientFrame, frozen=True, kw_only=True, tag="editMessage"):
    """Change the text of one's own message."""

    request_id: str
    chat_id: str
    seq: int
    text: str


class DeleteMessage(ClientFrame, frozen=True, kw_only=True, tag="deleteMessage"):
    """Empty a message; its number stays."""

    request_id: str
    chat_id: str
    seq: int


class React(ClientFrame, frozen=True, kw_only=True, tag="react"):
    """Set one's reaction to a message, or without `emoji` take it back."""

    request_id: str
    chat_id: str
    seq: int
    emoji: str | None = None


class JoinChat(ClientFrame, frozen=True, kw_only=True, tag="joinChat"):
    """Join a channel."""

    request_id: str
    chat_id: str


class LeaveChat(ClientFrame, frozen=True, kw_only=True, tag="leaveChat"):
    """Leave a group or a channel."""

    request_id: str
    chat_id: str


class GetPresence(ClientFrame, frozen=True, kw_only=True, tag="getPresence"):
    """Ask who of a chat's members is online."""

    request_id: str
    chat_id: str


class GetUsers(ClientFrame, frozen=True, kw_only=True, tag="getUsers"):
    """Ask for the users whose name begins with `q`, of two characters at least."""

    request_id: str
    q: str


class Ping(ClientFrame, frozen=True, kw_only=True, tag="ping"):
    """Ask for a sign of life."""


Query = GetMessages | EditMessage | DeleteMessage | React | JoinChat | LeaveChat | GetPresence | GetUsers
"""What an application asks for and waits for; repeating one does no harm."""

Request = SendMessage | Sync | MarkDelivered | MarkRead | Typing | Query
"""What gets an answer of its own."""
