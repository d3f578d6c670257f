"""Browsers that are notified when their users are away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat.push import Subscription


class Subscriptions(Protocol):
    """The browsers that users want to be notified by."""

    def add(self, user_id: str, subscription: Subscription, limit: int) -> bool:
        """Keep a subscription of the user's, unless the user has `limit` others; whether it is kept."""

    def remove(self, user_id: str, subscription_id: str) -> None:
        """Forget the subscription, if it is there."""

    def of_users(self, user_ids: Sequence[str]) -> Mapping[str, Sequence[Subscription]]:
        """The subscriptions of those of the users (at most 100) who have any, by user id."""


class NotSentError(Exception):
    """A notification was not sent, and may be later."""


class Notifications(Protocol):
    """Notifications to browsers that may be off."""

    def send(self, subscription: Subscription, content: bytes, topic: str) -> bool:
        """Send one, in place of an earlier one of its topic that was not shown yet.

        Returns:
            False when the subscription is gone. A refusal for good is logged, and counts as sent.

        Raises:
            NotSentError: it may be sent later.
        """
