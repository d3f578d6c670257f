"""Reads a chat's messages page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from chat.domain import SEQ_MAX, leading, visible
from chat.protocol.server_frames import MessagesBody

if TYPE_CHECKING:
    from chat.ports.messages import Messages
    from chat.service.membership import Membership


class History:
    """Gives members a page of a chat."""

    def __init__(self, membership: Membership, messages: Messages) -> None:
        """Read `messages` for those whom `membership` lets in."""
        self._membership = membership
        self._messages = messages

    def __call__(
        self,
        user_id: str,
        chat_id: str,
        after: int | UnsetType,
        before: int | UnsetType,
        around: int | UnsetType,
        limit: int,
    ) -> MessagesBody:
        """Give the messages that follow `after`, precede `before`, lie `around`, or else the newest.

        A page has at most `limit` messages, and less when they would not fit into one answer.

        Raises:
            ChatError: `unknown_chat`.
        """
        visible_after = self._membership.require(user_id, chat_id)
        if around is not UNSET:  # the numbers have no holes: half of the page lies before it
            after = max(0, around - 1 - limit // 2)
        if after is not UNSET:
            page = self._messages.after(chat_id, max(after, visible_after), limit)
            messages, _ = leading(page.messages)
        else:
            before = SEQ_MAX + 1 if before is UNSET else before
            page = visible(self._messages.before(chat_id, before, limit), visible_after)
            newest_first, _ = leading(reversed(page.messages))
            messages = newest_first[::-1]
        return MessagesBody(
            chat_id=chat_id, messages=messages, has_more=page.has_more or len(messages) < len(page.messages)
        )
