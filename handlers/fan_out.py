"""Carries out what the fan-out queue holds: posts to many devices, and tells who is online."""

from __future__ import annotations

from typing import Any

from chat.bootstrap import fan_out, handlers
from chat.protocol.fan_out import FanOutTask

TASKS: Any = FanOutTask
"""Told apart by `task`."""

handler = handlers.queue_tasks("fanOut", TASKS, fan_out.fan_out())
