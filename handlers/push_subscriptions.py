"""Answers GET /push-key, and PUT and DELETE below /users/me/push-subscriptions: the browsers to notify."""

from __future__ import annotations

import os

from chat.bootstrap import handlers, push
from chat.http import Request, Response
from chat.protocol.http_common import Done, NoQuery
from chat.protocol.http_push import PushKey, Subscribe, SubscriptionPath

subscriptions = push.subscription_list()
KEY = PushKey(os.environ["PUSH_KEY"])


def get_key(request: Request) -> Response:
    """Give the key that a browser subscribes with."""
    request.parse_query(NoQuery)
    return Response(KEY)


def subscribe(request: Request) -> Response:
    """Have a browser of the caller's notified."""
    request.parse_query(NoQuery)
    subscription = request.parse_body(Subscribe).subscription()
    return Response(subscriptions.subscribe(request.identity.user_id, subscription))


def unsubscribe(request: Request) -> Response:
    """Have a browser of the caller's notified no more."""
    request.parse_query(NoQuery)
    path = request.parse_path(SubscriptionPath)
    subscriptions.unsubscribe(request.identity.user_id, path.subscription_id)
    return Response(Done())


handler = handlers.http_routes(
    {
        "GET /push-key": get_key,
        "PUT /users/me/push-subscriptions": subscribe,
        "DELETE /users/me/push-subscriptions/{subscriptionId}": unsubscribe,
    }
)
