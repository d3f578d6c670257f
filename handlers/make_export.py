"""Carries out what the queue of exports holds: an archive of what a user has written."""

from __future__ import annotations

from chat import bootstrap
from chat.protocol.accounts import ExportTask

handler = bootstrap.queue_tasks("makeExport", ExportTask, bootstrap.make_export())
