"""What stands in frames and bodies, as frozen types: messages, chats, members, changes, people.

docs/protocol.md is the source. A field that this client does not know is ignored, so an older client keeps
working with a newer service.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class AttachmentDraft(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A file beside a message, as its sender names it once it is uploaded for this chat."""

    media_id: str
    name: str
    width: int | None = None
    """In pixels, of an image or a film, so that its place is kept while it loads."""
    height: int | None = None


class Attachment(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A file beside a message: it is there, and is what its type says."""

    media_id: str
    name: str
    content_type: str
    bytes: int
    width: int | None = None
    height: int | None = None


class NewMessage(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A message as its sender writes it: a client-made ULID, and a text, an attachment, or both."""

    id: str
    text: str
    reply_to: int | None = None
    """The number of the message that it replies to."""
    mentions: tuple[str, ...] = ()
    """The members whom it names, by user id."""
    attachment: AttachmentDraft | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A message as the chat holds it, at its sequence number."""

    id: str
    seq: int
    sender_id: str
    sent_at: datetime
    text: str = ""
    """Empty once it is deleted."""
    reply_to: int | None = None
    mentions: tuple[str, ...] = ()
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    reactions: dict[str, str] = {}
    """The emoji of each member who reacted, by user id."""
    change: int = 0
    """The number of the change that made it what it is; of two versions, the higher is the later."""
    attachment: Attachment | None = None


class Acked(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a sent message stands in its chat."""

    id: str
    seq: int
    sent_at: datetime

    def of(self, sender_id: str, sent: NewMessage) -> Message | None:
        """Return the whole message, with what its sender knows of it; None where the service knows more."""
        if sent.attachment is not None:
            return None
        return Message(
            id=self.id,
            seq=self.seq,
            sender_id=sender_id,
            sent_at=self.sent_at,
            text=sent.text,
            reply_to=sent.reply_to,
            mentions=sent.mentions,
        )


class User(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A user as others see them."""

    user_id: str
    username: str
    display_name: str | None = None
    about: str | None = None
    """What the user says of themselves."""
    avatar: str | None = None
    """The id of the image that the user wears; `api.avatars` shows it."""


class Member(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A member of a chat: role, and up to which message they hold and have read it."""

    user_id: str
    role: str = "member"
    delivered_seq: int = 0
    read_seq: int = 0
    member_since: int = 0
    """The number of the change by which they came; told with the marks, and in that change itself."""


class Change(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A change of a chat at its place among all: 1, 2, 3, ..., counted apart from the messages.

    It has the message as it is now, or the name, or members who were added or have another role, or who is
    gone. None of them: a later change of the same message has overtaken it.
    """

    number: int
    by: str = ""
    at: datetime | None = None
    message: Message | None = None
    name: str | None = None
    members: tuple[Member, ...] = ()
    removed: tuple[str, ...] = ()


class Presence(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Whether a user is online, and when they last were."""

    user_id: str
    online: bool
    last_seen: datetime | None = None


class ChatSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A chat as its member sees it in a listing."""

    chat_id: str
    kind: str
    name: str | None = None
    """Of a group or channel."""
    other_member: User | None = None
    """Who is at the other end of a direct chat."""
    role: str = "member"
    """This user's own."""
    last_seq: int = 0
    last_change: int = 0
    visible_after: int = 0
    """Up to here the chat's messages are not shown to this user, who joined later."""
    read_seq: int = 0
    delivered_seq: int = 0
    member_since: int = 0
    """The number of the change by which this user came, who had got nowhere then."""
    unread: int = 0
    muted_until: datetime | None = None
    last_message: Message | None = None
