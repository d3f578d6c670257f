"""The wire, declared once: every frame of the WebSocket, every body and query of the HTTP API, all limits.

docs/protocol.md is checked against this module by a test.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chat.domain import (
    FRAME_MESSAGE_LIMIT,
    PAGE_LIMIT,
    Chat,
    ChatId,
    Draft,
    Message,
    Seq,
    User,
    UserId,
)

DEFAULT_PAGE = 50
SYNC_CHATS_LIMIT = 100
"""Chats in one sync frame."""
USERS_LIMIT = 50
"""Users in one answer."""

RequestId = Annotated[str, Meta(min_length=1, max_length=64)]
Drafts = Annotated[Sequence[Draft], Meta(min_length=1, max_length=FRAME_MESSAGE_LIMIT)]
PageSize = Annotated[int, Meta(ge=1, le=PAGE_LIMIT)]
UserCount = Annotated[int, Meta(ge=1, le=USERS_LIMIT)]
Prefix = Annotated[str, Meta(min_length=2, max_length=64)]
"""How a username begins, any case."""
DisplayName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]


def _require_distinct_ids(drafts: Sequence[Draft]) -> None:
    if len({draft.id for draft in drafts}) < len(drafts):
        raise ValueError("Two messages have the same `id`")


def _require_one_end(after: int | UnsetType, before: int | UnsetType) -> None:
    if after is not UNSET and before is not UNSET:
        raise ValueError("`after` and `before` exclude each other")


class ClientFrame(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel", tag_field="action"
):
    """What a client sends; the answer repeats `requestId` when there is one."""

    request_id: RequestId | UnsetType = UNSET


class SendMessage(ClientFrame, frozen=True, kw_only=True, tag="sendMessage"):
    """Appends messages to a chat, in this order. A retry repeats the frame unchanged."""

    chat_id: ChatId
    after: Seq
    messages: Drafts

    def __post_init__(self) -> None:
        """Refuse a frame that repeats an id."""
        _require_distinct_ids(self.messages)


class GetMessages(ClientFrame, frozen=True, kw_only=True, tag="getMessages"):
    """Asks for the messages that follow `after`, or the nearest that precede `before`, or else the newest."""

    chat_id: ChatId
    after: Seq | UnsetType = UNSET
    before: Seq | UnsetType = UNSET
    limit: PageSize = DEFAULT_PAGE

    def __post_init__(self) -> None:
        """Refuse two ends."""
        _require_one_end(self.after, self.before)


class Sync(ClientFrame, frozen=True, kw_only=True, tag="sync"):
    """Asks for what follows the highest number that the client holds of each chat."""

    chats: Annotated[dict[ChatId, Seq], Meta(max_length=SYNC_CHATS_LIMIT)]


class GetUsers(ClientFrame, frozen=True, kw_only=True, tag="getUsers"):
    """Asks for users whose name begins with `q`."""

    q: Prefix
    limit: UserCount = 20


class Ping(ClientFrame, frozen=True, kw_only=True, tag="ping"):
    """Keeps the connection from idling, and shows that it is alive."""


CLIENT_FRAMES = (SendMessage, GetMessages, Sync, GetUsers, Ping)


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the service answers; over the WebSocket it repeats the `requestId` of the frame it answers."""

    request_id: str | UnsetType = UNSET


class Acked(msgspec.Struct, frozen=True, rename="camel"):
    """Where a sent message is."""

    id: str
    seq: int
    sent_at: str


class AckBody(Answer, frozen=True, kw_only=True):
    """What came of a send: every message of it is durable."""

    chat_id: str
    messages: Sequence[Acked]
    missed: Sequence[Message]
    """What others wrote after `after`, as far as the service saw it."""


class Ack(AckBody, frozen=True, kw_only=True, tag_field="type", tag="ack"):
    """Answers sendMessage: every message of the frame is durable."""


class MessagePosted(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="type", tag="message"
):
    """A message of a chat, to every connected device of its members but the one it came from."""

    chat_id: str
    message: Message


class MessagesBody(Answer, frozen=True, kw_only=True):
    """A page of a chat's messages, ascending; `hasMore` when there are more in the direction asked for."""

    chat_id: str
    messages: Sequence[Message]
    has_more: bool


class Messages(MessagesBody, frozen=True, kw_only=True, tag_field="type", tag="messages"):
    """Answers getMessages."""


class Synced(Answer, frozen=True, kw_only=True, tag_field="type", tag="sync"):
    """Answers sync: the chats in the order asked. Where `hasMore`, sync again from what is now held."""

    chats: Sequence[MessagesBody]


class UsersBody(Answer, frozen=True, kw_only=True):
    """Users in the order of their names; `hasMore` when a longer prefix would tell more."""

    users: Sequence[User]
    has_more: bool


class Users(UsersBody, frozen=True, kw_only=True, tag_field="type", tag="users"):
    """Answers getUsers."""


class Pong(Answer, frozen=True, kw_only=True, tag_field="type", tag="pong"):
    """Answers ping."""


class ErrorBody(Answer, frozen=True, kw_only=True):
    """Why a request was not carried out."""

    code: str
    message: str
    retryable: bool
    definite: bool
    chat_id: str | UnsetType = UNSET
    """The chat that is unknown: a sync names several."""


class Error(ErrorBody, frozen=True, kw_only=True, tag_field="type", tag="error"):
    """Answers any frame that could not be carried out."""


SERVER_FRAMES = (Ack, MessagePosted, Messages, Synced, Users, Pong, Error)


class CreateChat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /chats."""

    kind: Literal["direct"]
    user_id: UserId


class PostMessages(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of POST /chats/{chatId}/messages."""

    after: Seq
    messages: Drafts

    def __post_init__(self) -> None:
        """Refuse a body that repeats an id."""
        _require_distinct_ids(self.messages)


class UpdateUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The body of PATCH /users/me."""

    display_name: DisplayName


class HistoryQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of GET /chats/{chatId}/messages; means what it means in getMessages."""

    after: Seq | UnsetType = UNSET
    before: Seq | UnsetType = UNSET
    limit: PageSize = DEFAULT_PAGE

    def __post_init__(self) -> None:
        """Refuse two ends."""
        _require_one_end(self.after, self.before)


class ChatsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of GET /chats: `cursor` is the `next` of the page before."""

    cursor: ChatId | UnsetType = UNSET
    limit: PageSize = DEFAULT_PAGE


class UsersQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of GET /users; means what it means in getUsers."""

    q: Prefix
    limit: UserCount = 20


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of a route that takes none."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers POST /tickets."""

    ticket: str
    expires_at: str


class ChatsBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers GET /chats: a page of the caller's chats, and the cursor of the next page if there is one."""

    chats: Sequence[Chat]
    next: str | UnsetType = UNSET


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every REST error."""

    error: ErrorBody
