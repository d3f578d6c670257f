"""Makes what chats as two synthetic users."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat.service.canary import Canary

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


@cache
def canary() -> Canary:
    """Chats as two synthetic users."""
    from chat.adapters.canary import CognitoChatters, new_message_id
    from chat.adapters.sdk import cognito
    from chat.service.canary import Canary

    user_pool_id = os.environ["USER_POOL_ID"]
    chatters = CognitoChatters(
        cognito(user_pool_id),
        user_pool_id,
        os.environ["USER_POOL_CLIENT_ID"],
        os.environ["HTTP_API_URL"],
        os.environ["WEB_SOCKET_URL"],
    )
    return Canary(chatters, new_message_id)
