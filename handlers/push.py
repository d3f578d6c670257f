"""Carries out what the push queue holds: notifications to browsers, one a task."""

from __future__ import annotations

from chat.bootstrap import handlers, push
from chat.protocol.notifications import PushTask

handler = handlers.queue_tasks("push", PushTask, push.send_notification())
