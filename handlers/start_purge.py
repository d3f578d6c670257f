"""Starts, by its schedule, the purge of what is older than the retention."""

from __future__ import annotations

from chat.bootstrap import handlers, retention

handler = handlers.scheduled("startPurge", retention.start_purge())
