"""Carries out what the fan-out queue holds: posts to more devices than a request posts to itself."""

from __future__ import annotations

from chat import bootstrap
from chat.protocol.fan_out import FanOutTask

handler = bootstrap.queue_tasks("fanOut", FanOutTask, bootstrap.fan_out())  # type: ignore[arg-type] # a union
