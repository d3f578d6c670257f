"""Lets messages refer only to what their sender sees: messages to reply to, members to mention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from chat.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.append import Draft
    from chat.ports.chats import Chats
    from chat.service.membership import Admission, KnownChats

LOOKED_UP = 100
"""Members asked about in one request."""


class References:
    """Checks what drafts refer to; what the sender holds, and who is known to be a member, costs no read."""

    def __init__(self, chats: Chats, known: KnownChats) -> None:
        """Ask `chats` about what is not `known` yet."""
        self._chats = chats
        self._known = known

    def require(self, chat_id: str, admission: Admission, after: int, drafts: Sequence[Draft]) -> None:
        """Let the drafts be sent by a member who is admitted after message `after`, which exists or is 0.

        Raises:
            ChatError: `unknown_message` or `unknown_member`.
        """
        replies = [draft.reply_to for draft in drafts if draft.reply_to is not UNSET]
        if replies:
            self._require_messages(chat_id, admission, after, replies)
        mentioned = {user_id for draft in drafts if draft.mentions is not UNSET for user_id in draft.mentions}
        if strangers := sorted(mentioned.difference(admission.members)):
            self._require_members(chat_id, strangers)

    def _require_messages(self, chat_id: str, admission: Admission, after: int, seqs: Sequence[int]) -> None:
        """The numbers have no holes, so one that is there vouches for all below it."""
        if min(seqs) <= admission.visible_after:
            raise ChatError("unknown_message")
        highest = max(seqs)
        if highest <= max(after, self._known.highest(chat_id) or 0):
            return
        if not self._chats.look_up(chat_id, (), highest).has_message:
            raise ChatError("unknown_message")
        self._known.saw(chat_id, highest)

    def _require_members(self, chat_id: str, user_ids: Sequence[str]) -> None:
        """Of a channel's members only some are listed, and the others asked about."""
        for start in range(0, len(user_ids), LOOKED_UP):
            asked = user_ids[start : start + LOOKED_UP]
            if len(self._chats.look_up(chat_id, asked, 0).members) < len(asked):
                raise ChatError(
                    "unknown_member", "Somebody mentioned is not a member of the chat: mention members only."
                )
