"""Carries out what the push queue holds: notifications to browsers, one a task."""

from __future__ import annotations

from chat import bootstrap
from chat.protocol.notifications import PushTask

handler = bootstrap.queue_tasks("push", PushTask, bootstrap.send_notification())
