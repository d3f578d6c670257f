"""How messages get into a chat: what a sender hands in, and where it lands in the log. Pure, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

from chat.attachments import AttachmentDraft
from chat.domain import PAGE_LIMIT, Mentions, Message, MessageId, ReplyTo, TextOrNone, leading, timestamp
from chat.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat.attachments import Attachment
    from chat.domain import Page


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A message as its sender hands it in: a text, an attachment, or both."""

    id: MessageId
    text: TextOrNone
    attachment: AttachmentDraft | UnsetType = UNSET
    reply_to: ReplyTo | UnsetType = UNSET
    """The number of a message of the chat."""
    mentions: Mentions | UnsetType = UNSET
    """Members of the chat, each once."""

    def __post_init__(self) -> None:
        """Refuse a message without content, and one that names a member twice."""
        if not self.text and self.attachment is UNSET:
            raise ValueError("A message needs a `text` or an `attachment`")
        if self.mentions is not UNSET and len(set(self.mentions)) < len(self.mentions):
            raise ValueError("`mentions` names somebody twice")


class Append:
    """One frame's way into one chat's log: what to put next, given what was put and what was seen.

    Every put is aimed at the number right after `tail`, and everything from `after` up to `tail` has been
    searched for the frame's ids. So two attempts of one id never both land, and the numbers have no hole.
    """

    def __init__(self, sender_id: str, after: int, drafts: Sequence[Draft]) -> None:
        """Begin after message `after`, which exists or is 0; the drafts' ids differ.

        Args:
            sender_id: who sends.
            after: the highest number that the sender held.
            drafts: what is to be put, in order.
        """
        self.attachments: Mapping[str, Attachment] = {}
        """The files of those drafts that name one, by the drafts' ids: needed before they are proposed."""
        self._sender_id = sender_id
        self._drafts = {draft.id: draft for draft in drafts}
        self._landed: dict[str, Message] = {}
        self._missed: list[Message] = []
        self.tail = after
        """The highest number known to be taken."""

    @property
    def draft(self) -> Draft | None:
        """The first message of the frame that is not in the log yet."""
        return next(iter(self.missing), None)

    @property
    def missing(self) -> list[Draft]:
        """The frame's messages that are not in the log, as far as it was seen."""
        return [draft for draft in self._drafts.values() if draft.id not in self._landed]

    @property
    def landed(self) -> list[Message]:
        """The frame's messages that are in the log, in the frame's order."""
        return [self._landed[id_] for id_ in self._drafts if id_ in self._landed]

    @property
    def missed(self) -> list[Message]:
        """What others wrote after `after`, as far as it was seen and fits into an answer."""
        return leading(self._missed[:PAGE_LIMIT])[0]

    def propose(self, draft: Draft, now: float) -> Message:
        """Make the draft the message right after the tail; `now` is in seconds since the epoch."""
        attachment = self.attachments.get(draft.id, UNSET)
        return Message(
            id=draft.id,
            seq=self.tail + 1,
            sender_id=self._sender_id,
            sent_at=timestamp(now),
            text=draft.text,
            reply_to=draft.reply_to,
            mentions=draft.mentions,
            attachment=attachment,
        )

    def land(self, message: Message) -> None:
        """Take note that the proposed message was written."""
        self._landed[message.id] = message
        self.tail = message.seq

    def observe(self, page: Page) -> None:
        """Take note of what stands in the log right after the tail.

        Raises:
            ChatError: `id_taken`, when someone else's message has an id of the frame; `sync_required`,
                when the log goes on past the page and the frame is not all in it: too much to search.
        """
        for message in page.messages:
            self.tail = message.seq
            if message.id not in self._drafts:
                self._missed.append(message)
            elif message.sender_id != self._sender_id:
                raise ChatError("id_taken")
            else:
                self._landed[message.id] = message
        if page.has_more and self.draft is not None:
            raise ChatError("sync_required")
