"""Relays that a member is writing: to who is connected now, and kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.codec import encode
from chat.domain import TYPING_LIFETIME, timestamp
from chat.protocol.server_frames import Typing

if TYPE_CHECKING:
    from chat.ports.clock import Clock
    from chat.service.deliver import Deliver
    from chat.service.membership import Membership


class RelayTyping:
    """Tells a chat's other members that one of them is writing."""

    def __init__(self, membership: Membership, deliver: Deliver, clock: Clock) -> None:
        """Tell those whom `membership` names as concerned, by `deliver`."""
        self._membership = membership
        self._deliver = deliver
        self._clock = clock

    def __call__(self, user_id: str, chat_id: str) -> Typing:
        """Tell the others that the user is writing, for a few seconds from now.

        Raises:
            ChatError: `unknown_chat`, `not_permitted` or `blocked`: what keeps one from writing.
        """
        members = self._membership.admit(user_id, chat_id, 0).members
        frame = Typing(
            chat_id=chat_id, user_id=user_id, expires_at=timestamp(self._clock.now() + TYPING_LIFETIME)
        )
        self._deliver([member for member in members if member != user_id], [encode(frame)], None)
        return frame
