"""Faults on purpose at DynamoDB's data operations: an error, a throttle, or a late answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from localcloud.dynamodb.answers import error_answer, throttled
from localcloud.interfaces import FaultEffect, FaultPoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.interfaces import Faults, Response


async def strike(faults: Faults, operation: str, tables: Sequence[str]) -> Response | None:
    """Let the operation meet its faults: the answer in its place, if any; a delay has passed then.

    Args:
        faults: what is to go wrong.
        operation: DynamoDB's name of it.
        tables: those that it names, each a point of its own; PartiQL's name none.
    """
    for table in tables or ("",):
        fault = faults.strike(FaultPoint("dynamodb", operation, table))
        if fault is None:
            continue
        if fault.effect is FaultEffect.DELAY:
            await asyncio.sleep(fault.delay_ms / 1_000)
        elif fault.effect is FaultEffect.THROTTLE:
            return throttled()
        elif fault.effect is FaultEffect.ERROR:
            return error_answer(fault.status, fault.code, f"The fault {fault.rule} says so on purpose.")
    return None
