"""Makes what limits how often users do things."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat.service.limits import Limiter

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


def limiter(name: str) -> Limiter:
    """Limits how often a user does what the limit is of, as the variable `<NAME>_LIMIT` has it."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.clock import SystemClock
    from chat.adapters.limits import LimitsTable
    from chat.service.limits import Limit, Limiter

    limit = Limit.parse(name, os.environ[f"{name.upper()}_LIMIT"])
    return Limiter(LimitsTable(dynamodb(), os.environ["LIMITS_TABLE"]), limit, SystemClock())
