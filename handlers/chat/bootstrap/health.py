"""Makes what tells whether this region can serve."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat.adapters.health import HomeTables

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


@cache
def tables() -> HomeTables:
    """The home region's tables."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.health import HomeTables

    return HomeTables(dynamodb(), os.environ["CHATS_TABLE"])
