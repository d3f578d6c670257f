"""Carries out an invocation: faults become errors of the catalogue, and one line tells what came of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from chat import metrics
from chat.errors import ChatError
from chat.logging import bind, configure, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOGGER = configure()

_Result = TypeVar("_Result")


def carry_out(action: str, ids: Mapping[str, str], work: Callable[[], _Result]) -> _Result | ChatError:
    """Do the work and log its outcome and duration, with the metrics that it has recorded.

    Args:
        action: the route's key.
        ids: what every line of this invocation is logged with.
        work: does it.

    Returns:
        What the work returned, or the error it ended in: `internal` for any that is not of the catalogue.
    """
    bind(ids)
    started = time.perf_counter()
    result: _Result | ChatError
    try:
        result = work()
    except ChatError as error:
        result = error
    except Exception:
        LOGGER.exception("invocation_failed")
        result = ChatError("internal")
    outcome = result.code if isinstance(result, ChatError) else "ok"
    duration = round((time.perf_counter() - started) * 1_000, 1)
    embedded = metrics.take(result.code if isinstance(result, ChatError) else "")
    fields = {"action": action, "outcome": outcome, "durationMs": duration, **embedded}
    tell(LOGGER, "invocation", fields, always=bool(embedded))
    return result
