"""Carries out what the fan-out queue holds: posts to many devices, and tells who is online."""

from __future__ import annotations

from typing import Any

from chat import bootstrap
from chat.protocol.fan_out import FanOutTask

handler = bootstrap.queue_tasks("fanOut", FanOutTask, bootstrap.fan_out())  # type: ignore[arg-type] # a union
TASKS: Any = FanOutTask
"""Told apart by `task`."""

handler = bootstrap.queue_tasks("fanOut", TASKS, bootstrap.fan_out())
