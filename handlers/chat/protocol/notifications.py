"""What the push queue carries, and what a browser is told by a notification."""

from __future__ import annotations

import msgspec

from chat.push import Subscription


class Notification(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a browser's service worker gets: where something was written, by whom, and no text of it."""

    chat_id: str
    seq: int
    sender_id: str
    sender_name: str


class PushTask(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A notification to one browser of a user. It may be carried out more than once."""

    user_id: str
    subscription: Subscription
    notification: Notification
