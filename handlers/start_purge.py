"""Starts, by its schedule, the purge of what is older than the retention."""

from __future__ import annotations

from chat import bootstrap

handler = bootstrap.scheduled("startPurge", bootstrap.start_purge())
