"""The HTTP API's bodies about notifications: a browser's subscription, and the key it subscribes with."""

from __future__ import annotations

import msgspec

from chat.push import AuthSecret, PublicKey, PushEndpoint, Subscription, SubscriptionId


class PushKey(msgspec.Struct, frozen=True):
    """Answers GET /push-key: the `applicationServerKey` that a browser subscribes with."""

    key: PublicKey


class SubscriptionKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By which only that browser reads a notification; from `PushSubscription.toJSON()`."""

    p256dh: PublicKey
    auth: AuthSecret


class Subscribe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of PUT /users/me/push-subscriptions; from `PushSubscription.toJSON()`."""

    endpoint: PushEndpoint
    keys: SubscriptionKeys

    def subscription(self) -> Subscription:
        """As it is kept."""
        return Subscription(self.endpoint, self.keys.p256dh, self.keys.auth)


class Subscribed(msgspec.Struct, frozen=True, rename="camel"):
    """Answers PUT /users/me/push-subscriptions: by which id it is deleted."""

    subscription_id: SubscriptionId


class SubscriptionPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The path of a route about one subscription."""

    subscription_id: SubscriptionId
