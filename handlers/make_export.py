"""Carries out what the queue of exports holds: an archive of what a user has written."""

from __future__ import annotations

from chat.bootstrap import accounts, handlers
from chat.protocol.accounts import ExportTask

handler = handlers.queue_tasks("makeExport", ExportTask, accounts.make_export())
