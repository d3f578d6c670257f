"""What the service sends over the WebSocket, told apart by `type`, with the bodies that HTTP shares."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, UnsetType

from chat.domain import Change, Chat, Message, Presence, User


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


class SyncedChat(MessagesBody, frozen=True, kw_only=True):
    """What follows in one chat, both ascending; `hasMore` when there are more of the one or the other."""

    changes: Sequence[Change] | UnsetType = UNSET
    """Where they were asked for."""


class Synced(Answer, frozen=True, kw_only=True, tag_field="type", tag="sync"):
    """Answers sync: the chats in the order asked. Where `hasMore`, sync again from what is now held."""

    chats: Sequence[SyncedChat]


class ChangedBody(Answer, frozen=True, kw_only=True):
    """A change of a chat, as it stands now."""

    chat_id: str
    change: Change


class Changed(ChangedBody, frozen=True, kw_only=True, tag_field="type", tag="changed"):
    """Answers editMessage, deleteMessage and react, and comes to every other device of the members."""


class ReceiptBody(Answer, frozen=True, kw_only=True):
    """How far a member has got in a chat; 0 stands for before its first message."""

    chat_id: str
    user_id: str
    delivered_seq: int
    """Up to here the member's devices hold the chat."""
    read_seq: int
    """Up to here the member has read."""
    member_since: int | UnsetType = UNSET
    """The number of the change by which the member came, where it is not 0: the marks are from then on."""


class Receipt(ReceiptBody, frozen=True, kw_only=True, tag_field="type", tag="receipt"):
    """Answers markDelivered and markRead, and comes to the other members and the user's other devices."""


class Typing(Answer, frozen=True, kw_only=True, tag_field="type", tag="typing"):
    """Answers typing, and comes to the other members: the user is writing until `expiresAt`."""

    chat_id: str
    user_id: str
    expires_at: str


class PresencesBody(Answer, frozen=True, kw_only=True):
    """Who of a chat's other members is online, and when those who are not last were."""

    chat_id: str
    users: Sequence[Presence]


class Presences(PresencesBody, frozen=True, kw_only=True, tag_field="type", tag="presence"):
    """Answers getPresence, and comes to the other members of a user's direct chats when it changes."""


class Joined(Answer, frozen=True, kw_only=True, tag_field="type", tag="chat"):
    """Answers joinChat, and comes to the devices of who is in a new chat, was added to one or muted one."""

    chat: Chat


class Left(Answer, frozen=True, kw_only=True, tag_field="type", tag="left"):
    """Answers leaveChat, and comes to all devices of a user who left or was removed."""

    chat_id: str


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
    retry_after_ms: int | UnsetType = UNSET
    """How long to wait before the request is repeated: given where a limit was reached."""


class Error(ErrorBody, frozen=True, kw_only=True, tag_field="type", tag="error"):
    """Answers any frame that could not be carried out."""


SERVER_FRAMES = (
    Ack,
    MessagePosted,
    Messages,
    Synced,
    Changed,
    Receipt,
    Typing,
    Presences,
    Joined,
    Left,
    Users,
    Pong,
    Error,
)
