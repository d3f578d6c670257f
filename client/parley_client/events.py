"""What an application learns from the session: messages in order, its sends' fate, the connection's state."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from .values import Change, ChatSummary, Message, Presence


def lower_camel(name: str) -> str:
    """Return a class's name as the shared test vectors write it."""
    return name[0].lower() + name[1:]


class ConnectionState(StrEnum):
    """Whether the session can exchange frames now."""

    OFFLINE = "offline"
    """Not started, or closed on purpose."""
    CONNECTING = "connecting"
    """The first connection is being opened."""
    ONLINE = "online"
    RECONNECTING = "reconnecting"
    """The connection was lost, or could not be opened; another attempt follows by itself."""
    REFUSED = "refused"
    """The service does not accept who we are; nothing follows until the application signs in again."""


class Event(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="event", tag=lower_camel):
    """Something the application should know."""


class MessageReceived(Event, frozen=True, kw_only=True):
    """A chat's next message: in order of `seq`, each exactly once, one's own included.

    A hole is there only where the chat's messages are not shown to this user, who was no member then.
    """

    chat_id: str
    message: Message


class MessageSent(Event, frozen=True, kw_only=True):
    """A message of this client is durable; it is also received, in its turn."""

    chat_id: str
    message: Message


class MessageRefused(Event, frozen=True, kw_only=True):
    """A message of this client will not be sent; `definite` says that it certainly was not written."""

    chat_id: str
    id: str
    code: str
    message: str
    definite: bool


class ConnectionChanged(Event, frozen=True, kw_only=True):
    """The connection's state and, when known, why; `retry_in` is in seconds."""

    state: ConnectionState
    reason: str = ""
    retry_in: float | None = None


class CaughtUp(Event, frozen=True, kw_only=True):
    """Everything written before this connection opened has been received."""


class HistoryReset(Event, frozen=True, kw_only=True):
    """The service lost what this client holds of a chat; the chat's messages follow again from number 1."""

    chat_id: str


class MessageChanged(Event, frozen=True, kw_only=True):
    """A message received earlier was edited, deleted or reacted to, here or on whichever device.

    `change.message` is the message as it is now. Changes come in order of their numbers, each once.
    """

    chat_id: str
    change: Change


class ChatFound(Event, frozen=True, kw_only=True):
    """This user is in this chat: created, joined, or listed for the first time in this session."""

    chat: ChatSummary


class ChatChanged(Event, frozen=True, kw_only=True):
    """A chat has another name, or other members or roles; in order of the changes' numbers, each once."""

    chat_id: str
    change: Change


class ChatUpdated(Event, frozen=True, kw_only=True):
    """What is this user's own of a chat is another: until when it is muted, or how its other member is shown.

    No change is numbered for either: it was altered on whichever device, or by the other member. `chat` is
    the chat as it is now.
    """

    chat: ChatSummary


class ChatLeft(Event, frozen=True, kw_only=True):
    """This user is not in this chat any more, or never was; what was not sent there is refused."""

    chat_id: str


class ReceiptReceived(Event, frozen=True, kw_only=True):
    """A member holds or has read more of a chat; this user too, on whichever device."""

    chat_id: str
    user_id: str
    delivered_seq: int
    read_seq: int


class TypingChanged(Event, frozen=True, kw_only=True):
    """Who of a chat's other members is writing now."""

    chat_id: str
    user_ids: tuple[str, ...]


class PresenceChanged(Event, frozen=True, kw_only=True):
    """Who of a chat's other members came online or went away."""

    chat_id: str
    users: tuple[Presence, ...]
