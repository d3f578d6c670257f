"""Sends messages: lets a member in, claims what is attached, appends, then delivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.append import Append
from chat.codec import encode
from chat.errors import ChatError
from chat.protocol.fan_out import Notice
from chat.protocol.server_frames import AckBody, Acked, MessagePosted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.append import Draft
    from chat.service.append import AppendLog
    from chat.service.deliver import Deliver
    from chat.service.media import Attachments
    from chat.service.membership import Admission, Membership
    from chat.service.references import References


class Send:
    """Appends a frame's messages to a chat and brings them to the chat's other devices."""

    def __init__(
        self,
        membership: Membership,
        references: References,
        attachments: Attachments,
        log: AppendLog,
        deliver: Deliver,
        *,
        notifies: bool = False,
    ) -> None:
        """Wire the five steps; `notifies` says whether members who are away are notified."""
        self._membership = membership
        self._references = references
        self._attachments = attachments
        self._log = log
        self._deliver = deliver
        self._notifies = notifies

    def __call__(
        self,
        sender_id: str,
        chat_id: str,
        after: int,
        drafts: Sequence[Draft],
        connection_id: str | None = None,
    ) -> AckBody:
        """Send the drafts, in order, as `sender_id`.

        Args:
            sender_id: who sends, by the verified token.
            chat_id: the chat.
            after: the highest number that the sender held of the chat when first sending this.
            drafts: one message or more, each with its own id.
            connection_id: the connection it came by, which gets an answer and so no push.

        Raises:
            ChatError: `unknown_chat`, `not_permitted`, `blocked`, `bad_after`, `unknown_message`,
                `unknown_member`, what refuses a file, `id_taken`, `sync_required` or `contention`. What has
                landed by then is delivered, and acked when the same frame is sent again.
        """
        admission = self._membership.admit(sender_id, chat_id, after)
        append = Append(sender_id, after, drafts)
        try:
            self._require_named(sender_id, chat_id, admission, append)
            self._log.run(chat_id, append)
        finally:
            # What an earlier attempt wrote is pushed again: that attempt may have ended before its push.
            if landed := append.landed:
                posted = [encode(MessagePosted(chat_id=chat_id, message=m)) for m in landed]
                notice = Notice(chat_id, landed[-1].seq, sender_id) if self._notifies else None
                self._deliver.to_chat(chat_id, admission.members, posted, connection_id, notice)
        acked = [Acked(message.id, message.seq, message.sent_at) for message in landed]
        # A retry may come from before its sender left and joined again.
        missed = [message for message in append.missed if message.seq > admission.visible_after]
        return AckBody(chat_id=chat_id, messages=acked, missed=missed)

    def _require_named(self, sender_id: str, chat_id: str, admission: Admission, append: Append) -> None:
        """See that there is what the messages name: files, messages, members.

        What an earlier attempt has put is not asked about: it is there, though what it names may be gone.
        """
        drafts = append.missing
        try:
            self._references.require(chat_id, admission, append.tail, drafts)
            append.attachments = self._attachments.claim(sender_id, chat_id, drafts)
        except ChatError:
            self._log.look(chat_id, append)
            if append.missing == drafts:
                raise
            self._require_named(sender_id, chat_id, admission, append)
