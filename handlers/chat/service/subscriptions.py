"""Keeps the browsers that a user wants to be notified by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.errors import ChatError
from chat.protocol.http_push import Subscribed
from chat.push import SUBSCRIPTION_LIMIT

if TYPE_CHECKING:
    from chat.ports.notifications import Subscriptions
    from chat.push import PushServices, Subscription


class SubscriptionList:
    """The subscriptions of users, all of them at push services that are trusted."""

    def __init__(self, subscriptions: Subscriptions, services: PushServices) -> None:
        """Keep `subscriptions` at these `services`."""
        self._subscriptions = subscriptions
        self._services = services

    def subscribe(self, user_id: str, subscription: Subscription) -> Subscribed:
        """Keep a subscription; repeating it is harmless.

        Raises:
            ChatError: `push_service_refused` or `too_many_subscriptions`.
        """
        if not self._services.have(subscription.endpoint):
            raise ChatError("push_service_refused")
        if not self._subscriptions.add(user_id, subscription, SUBSCRIPTION_LIMIT):
            raise ChatError("too_many_subscriptions")
        return Subscribed(subscription.id)

    def unsubscribe(self, user_id: str, subscription_id: str) -> None:
        """Forget a subscription of the user's, if there is one."""
        self._subscriptions.remove(user_id, subscription_id)
