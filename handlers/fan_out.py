"""Carries out what the fan-out queue holds: posts to more devices than a request posts to itself."""

from __future__ import annotations

from chat import bootstrap

handler = bootstrap.queue_batches(bootstrap.fan_out())
