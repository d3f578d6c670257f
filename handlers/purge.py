"""Carries out what the purge queue holds: removes what is older than the retention from some chats."""

from __future__ import annotations

from chat.bootstrap import handlers, retention
from chat.protocol.purge import PurgeTask

handler = handlers.queue_tasks("purge", PurgeTask, retention.purge())
