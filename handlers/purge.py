"""Carries out what the purge queue holds: removes what is older than the retention from some chats."""

from __future__ import annotations

from chat import bootstrap
from chat.protocol.purge import PurgeTask

handler = bootstrap.queue_tasks("purge", PurgeTask, bootstrap.purge())
