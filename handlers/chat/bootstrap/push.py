"""Makes what notifies browsers."""

from __future__ import annotations

import os
from functools import cache, partial
from typing import TYPE_CHECKING

from chat.bootstrap import adapters

if TYPE_CHECKING:
    from chat.service.notify import SendNotification
    from chat.service.signing_keys import SigningKeys
    from chat.service.subscriptions import SubscriptionList

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


@cache
def subscription_list() -> SubscriptionList:
    """Keeps the browsers that are notified."""
    from chat.push import PushServices
    from chat.service.subscriptions import SubscriptionList

    return SubscriptionList(adapters.subscriptions(), PushServices.parse(os.environ["PUSH_SERVICES"]))


@cache
def send_notification() -> SendNotification:
    """Sends notifications, for the push queue."""
    from chat.adapters.sdk import ssm
    from chat.adapters.secrets import ParameterSecrets
    from chat.adapters.web_push import WebPush
    from chat.push import PushServices
    from chat.service.notify import SendNotification

    key = partial(ParameterSecrets(ssm()).get, os.environ["PUSH_KEY_NAME"])
    services = PushServices.parse(os.environ["PUSH_SERVICES"])
    return SendNotification(WebPush(services, os.environ["PUSH_CONTACT"], key), adapters.subscriptions())


@cache
def push_keys() -> SigningKeys:
    """Makes the keys that sign notifications."""
    from chat.adapters.sdk import ssm
    from chat.adapters.secrets import ParameterSecrets
    from chat.adapters.web_push import EcKeyPairs
    from chat.service.signing_keys import SigningKeys

    return SigningKeys(EcKeyPairs(), ParameterSecrets(ssm(), os.environ["PARAMETER_KEY"]))
