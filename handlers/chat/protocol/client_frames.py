"""What clients send over the WebSocket: a struct a frame, told apart by `action`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chat.domain import ChatId, Emoji, Mark, Seq, Text
from chat.protocol.values import (
    DEFAULT_PAGE,
    SYNC_CHATS_LIMIT,
    Drafts,
    PageSize,
    Prefix,
    RequestId,
    UserCount,
    require_distinct_ids,
    require_one_place,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


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
        require_distinct_ids(self.messages)


class GetMessages(ClientFrame, frozen=True, kw_only=True, tag="getMessages"):
    """Asks for the messages that follow `after`, precede `before`, lie `around`, or else for the newest."""

    chat_id: ChatId
    after: Seq | UnsetType = UNSET
    before: Seq | UnsetType = UNSET
    around: Seq | UnsetType = UNSET
    limit: PageSize = DEFAULT_PAGE

    def __post_init__(self) -> None:
        """Refuse two places."""
        require_one_place(self.after, self.before, self.around)


class Sync(ClientFrame, frozen=True, kw_only=True, tag="sync"):
    """Asks for what follows the highest numbers that the client holds of each chat."""

    chats: Annotated[dict[ChatId, Seq], Meta(max_length=SYNC_CHATS_LIMIT)]
    changes: Annotated[dict[ChatId, Seq], Meta(max_length=SYNC_CHATS_LIMIT)] = {}
    """The last change held, of those chats whose changes are asked for too."""

    def __post_init__(self) -> None:
        """Refuse changes of a chat that is not asked for."""
        if not self.changes.keys() <= self.chats.keys():
            raise ValueError("`changes` names a chat that `chats` does not")


class EditMessage(ClientFrame, frozen=True, kw_only=True, tag="editMessage"):
    """Changes the text of one's own message."""

    chat_id: ChatId
    seq: Seq
    text: Text


class DeleteMessage(ClientFrame, frozen=True, kw_only=True, tag="deleteMessage"):
    """Empties one's own message, or as an owner or admin of a group or channel anyone's; its number stays."""

    chat_id: ChatId
    seq: Seq


class React(ClientFrame, frozen=True, kw_only=True, tag="react"):
    """Sets one's reaction to a message, in place of an earlier one; without `emoji`, takes it back."""

    chat_id: ChatId
    seq: Seq
    emoji: Emoji | UnsetType = UNSET


class MarkDelivered(ClientFrame, frozen=True, kw_only=True, tag="markDelivered"):
    """Tells that this user's devices hold the chat's messages up to `seq`."""

    chat_id: ChatId
    seq: Seq

    @property
    def marks(self) -> Mapping[Mark, int]:
        """Which watermark is to stand where."""
        return {"delivered": self.seq}


class MarkRead(ClientFrame, frozen=True, kw_only=True, tag="markRead"):
    """Tells that this user has read the chat up to `seq`."""

    chat_id: ChatId
    seq: Seq

    @property
    def marks(self) -> Mapping[Mark, int]:
        """Which watermark is to stand where."""
        return {"read": self.seq}


class Type(ClientFrame, frozen=True, kw_only=True, tag="typing"):
    """Tells the others that this user is writing; good for a few seconds, repeated while it is so."""

    chat_id: ChatId


class JoinChat(ClientFrame, frozen=True, kw_only=True, tag="joinChat"):
    """Joins a channel."""

    chat_id: ChatId


class LeaveChat(ClientFrame, frozen=True, kw_only=True, tag="leaveChat"):
    """Leaves a group or a channel."""

    chat_id: ChatId


class GetPresence(ClientFrame, frozen=True, kw_only=True, tag="getPresence"):
    """Asks who of a direct chat's or group's members is online, and when the others last were."""

    chat_id: ChatId


class GetUsers(ClientFrame, frozen=True, kw_only=True, tag="getUsers"):
    """Asks for users whose name begins with `q`."""

    q: Prefix
    limit: UserCount = 20


class Ping(ClientFrame, frozen=True, kw_only=True, tag="ping"):
    """Keeps the connection from idling, and shows that it is alive."""


CLIENT_FRAMES = (
    SendMessage,
    GetMessages,
    Sync,
    EditMessage,
    DeleteMessage,
    React,
    MarkDelivered,
    MarkRead,
    Type,
    JoinChat,
    LeaveChat,
    GetPresence,
    GetUsers,
    Ping,
)
