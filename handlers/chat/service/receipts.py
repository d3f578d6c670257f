"""Receipts: how far each member holds and has read a chat, told to those whom it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, structs

from chat.codec import encode
from chat.errors import ChatError
from chat.protocol.server_frames import Receipt, ReceiptBody

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat.domain import Mark
    from chat.ports.chats import Receipts, Watermarks
    from chat.ports.messages import Messages
    from chat.service.deliver import Deliver
    from chat.service.membership import KnownChats, Membership


class MarkReceipts:
    """Moves a member's watermarks: never backwards, and never past the chat's last message."""

    def __init__(
        self,
        membership: Membership,
        known: KnownChats,
        messages: Messages,
        receipts: Receipts,
        deliver: Deliver,
    ) -> None:
        """Keep watermarks in `receipts`; `messages`, where not `known`, say how far a chat goes."""
        self._membership = membership
        self._known = known
        self._messages = messages
        self._receipts = receipts
        self._deliver = deliver

    def __call__(
        self, user_id: str, chat_id: str, marks: Mapping[Mark, int], connection_id: str | None = None
    ) -> ReceiptBody:
        """Move the user's marks to the numbers given; how far the user has got then.

        One that stands there or further already stays, and where none moves nobody is told.

        Args:
            user_id: whose marks, by the verified token.
            chat_id: the chat.
            marks: one mark or both.
            connection_id: the connection it came by, which gets an answer and so no push.

        Raises:
            ChatError: `unknown_chat`, or `unknown_message` where the chat does not go that far.
        """
        self._require_reached(user_id, chat_id, max(marks.values()))
        advanced = [self._advance(user_id, chat_id, mark, seq) for mark, seq in marks.items()]
        watermarks, _ = advanced[-1]
        self._known.saw(chat_id, watermarks.delivered_seq)
        body = ReceiptBody(
            chat_id=chat_id,
            user_id=user_id,
            delivered_seq=watermarks.delivered_seq,
            read_seq=watermarks.read_seq,
            member_since=watermarks.since or UNSET,
        )
        if any(moved for _, moved in advanced):
            told = self._membership.hearers(user_id, chat_id)
            self._deliver(told, [encode(Receipt(**structs.asdict(body)))], connection_id)
        return body

    def _advance(self, user_id: str, chat_id: str, mark: Mark, seq: int) -> tuple[Watermarks, bool]:
        advanced = self._receipts.advance(chat_id, user_id, mark, seq)
        if advanced is None:
            raise ChatError("unknown_chat", chat_id=chat_id)
        return advanced

    def _require_reached(self, user_id: str, chat_id: str, seq: int) -> None:
        """Refuse a number that the chat has not come to: a read where the environment has not seen it."""
        if seq <= (self._known.highest(chat_id) or 0):
            return
        if seq and not self._messages.after(chat_id, seq - 1, 1).messages:
            self._membership.require(user_id, chat_id)  # to a stranger there is no chat, whatever the number
            raise ChatError("unknown_message", chat_id=chat_id)
