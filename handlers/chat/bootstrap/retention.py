"""Makes what purges old messages."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from chat.bootstrap import adapters

if TYPE_CHECKING:
    from chat.service.purge import Purge, StartPurge

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


@cache
def start_purge() -> StartPurge:
    """Starts the purge of old messages."""
    from chat.adapters.retention import SHARDS
    from chat.service.purge import StartPurge

    return StartPurge(adapters.queue("PURGE_QUEUE_URL"), SHARDS, int(os.environ["RETENTION_DAYS"]))


@cache
def purge() -> Purge:
    """Purges old messages."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.clock import SystemClock
    from chat.adapters.retention import RetentionTable
    from chat.service.media import Attachments
    from chat.service.purge import Purge

    retention = RetentionTable(dynamodb(), os.environ["CHATS_TABLE"], os.environ["MESSAGES_TABLE"])
    days = int(os.environ["RETENTION_DAYS"])
    queue = adapters.queue("PURGE_QUEUE_URL")
    return Purge(retention, adapters.messages(), Attachments(adapters.media), queue, SystemClock(), days)
