"""Files beside messages: members upload them, messages refer to what is there, members download them."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

from chat import media
from chat.attachments import Attachment, MediaId
from chat.domain import timestamp
from chat.errors import ChatError
from chat.protocol.http_media import Download, Upload
from chat.service.parallel import each

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chat.append import Draft
    from chat.attachments import AttachmentDraft
    from chat.domain import Message
    from chat.ports.clock import Clock
    from chat.ports.media import MediaLinks, MediaStorage, StoredFile
    from chat.ports.messages import Messages
    from chat.service.membership import Membership

MEDIA_ID_BYTES = 16


class Uploads:
    """Lets members upload a file, for one chat, once, and of exactly what they said it would be."""

    def __init__(self, membership: Membership, storage: MediaStorage, clock: Clock) -> None:
        """Let those who may send to a chat upload to `storage`."""
        self._membership = membership
        self._storage = storage
        self._clock = clock

    def grant(self, user_id: str, chat_id: str, content_type: str, size: int) -> Upload:
        """Give the form that uploads a file of this type and of `size` bytes for the chat.

        Raises:
            ChatError: `file_type_refused`, `file_too_large`, or what refuses a message to the chat.
        """
        _require_allowed(content_type, size)
        self._membership.admit(user_id, chat_id, 0)
        key = partial(media.upload_key, chat_id, user_id)
        return give_form(self._storage, self._clock, key, content_type, size)


class Attachments:
    """Makes the uploads that drafts name the attachments of messages: looked at, and kept for good."""

    def __init__(self, storage: Callable[[], MediaStorage]) -> None:
        """Look at and keep files in what `storage` makes: few messages have any, and making it takes long."""
        self._storage = storage

    def claim(self, user_id: str, chat_id: str, drafts: Sequence[Draft]) -> Mapping[str, Attachment]:
        """Give the attachments of those drafts that name one, by the drafts' ids.

        A file is kept where nobody can replace it, and from then on found there: a retry finds it still
        when what was uploaded has been cleared away.

        Raises:
            ChatError: `unknown_file` for what this user has not uploaded for this chat, or has sent already,
                `file_type_forged`, `file_type_refused` or `file_too_large`. Then no message is written.
        """
        named = [(draft.id, draft.attachment) for draft in drafts if draft.attachment is not UNSET]
        if not named:
            return {}
        keep = partial(_keep, self._storage(), user_id, chat_id)
        return dict(each(keep, named))

    def forget(self, chat_id: str, message: Message) -> None:
        """Remove the file beside a message that is being deleted, if it has one.

        Call it before the message loses its attachment: a deletion that fails on the way is repeated.
        """
        if message.attachment is not UNSET:
            media_id = message.attachment.media_id
            self._storage().remove(media.upload_key(chat_id, message.sender_id, media_id))
            self._storage().remove(media.kept_key(chat_id, media_id))


class Downloads:
    """Gives members links to a chat's files."""

    def __init__(self, membership: Membership, messages: Messages, links: MediaLinks, clock: Clock) -> None:
        """Let those whom `membership` lets in have `links` to files of the `messages` that they may see."""
        self._membership = membership
        self._messages = messages
        self._links = links
        self._clock = clock

    def link(self, user_id: str, chat_id: str, media_id: str, seq: int | UnsetType) -> Download:
        """Give the link to a file of the chat; where there is no such file, it leads nowhere.

        Who sees the chat from its first message on may have any file of it, without a look at its message.

        Args:
            user_id: who asks.
            chat_id: the chat.
            media_id: the file.
            seq: the number of the file's message.

        Raises:
            ChatError: `unknown_chat`; `unknown_file` for what can be no file's id, and for who joined later
                where no message that they may see has this number and this file.
        """
        visible_after = self._membership.require(user_id, chat_id)
        try:
            msgspec.convert(media_id, MediaId)
        except msgspec.ValidationError as fault:
            raise ChatError(
                "unknown_file", "The chat has no such file: name one of its messages'."
            ) from fault
        if visible_after:
            self._require_shown(chat_id, media_id, 0 if seq is UNSET else seq, visible_after)
        expires_at = int(self._clock.now()) + media.LINK_LIFETIME
        url = self._links.sign(media.kept_key(chat_id, media_id), expires_at)
        return Download(url=url, expires_at=timestamp(expires_at))

    def _require_shown(self, chat_id: str, media_id: str, seq: int, visible_after: int) -> None:
        message = self._messages.get(chat_id, seq) if seq > visible_after else None
        attachment = UNSET if message is None else message.attachment
        if attachment is UNSET or attachment.media_id != media_id:
            raise ChatError(
                "unknown_file", "You see no message with this file: name its message's number in `seq`."
            )


def give_form(
    storage: MediaStorage, clock: Clock, key: Callable[[str], str], content_type: str, size: int
) -> Upload:
    """Give the form that uploads a file of a new id, to the `key` of that id."""
    media_id = secrets.token_hex(MEDIA_ID_BYTES)
    form = storage.form(key(media_id), content_type, size, media.UPLOAD_LIFETIME)
    expires_at = timestamp(clock.now() + media.UPLOAD_LIFETIME)
    return Upload(media_id=media_id, url=form.url, fields=form.fields, expires_at=expires_at)


def _require_allowed(content_type: str, size: int) -> None:
    if content_type not in media.TYPES:
        raise ChatError("file_type_refused")
    if size > media.MEDIA_LIMIT:
        raise ChatError("file_too_large")


def _attachment(draft: AttachmentDraft, stored: StoredFile) -> Attachment:
    return Attachment(draft.media_id, draft.name, stored.content_type, stored.size, draft.width, draft.height)


def _keep(
    storage: MediaStorage, user_id: str, chat_id: str, named: tuple[str, AttachmentDraft]
) -> tuple[str, Attachment]:
    """Keep a file for one message of this user and no other: it goes when the message goes."""
    message_id, draft = named
    owner = f"{user_id}/{message_id}"
    source = media.upload_key(chat_id, user_id, draft.media_id)
    target = media.kept_key(chat_id, draft.media_id)
    uploaded = storage.find(source)
    if uploaded is not None:
        _require_allowed(uploaded.content_type, uploaded.size)
        if not media.TYPES[uploaded.content_type](uploaded.beginning):
            raise ChatError("file_type_forged", chat_id=chat_id)
        if storage.keep(source, uploaded, target, owner, media.disposition(draft.name)):
            return message_id, _attachment(draft, uploaded)
    kept = storage.find(target)  # by an earlier attempt
    if kept is None or kept.owner != owner:
        raise ChatError("unknown_file", chat_id=chat_id)
    return message_id, _attachment(draft, kept)
