"""What follows an attempt to run an event: another one later, or the end."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from localcloud.functions.asynchronous.configuration import Configuration
    from localcloud.functions.asynchronous.queue import Event
    from localcloud.interfaces import Invocation

SHORTEST_REFUSAL_SECONDS: Final = 1.0
LONGEST_REFUSAL_SECONDS: Final = 300.0
"""Between attempts that could not be made AWS waits from 1 s, each time longer, up to 5 min."""


class Condition(enum.Enum):
    """How an event ended, as AWS calls it in the records that it sends."""

    SUCCESS = "Success"
    RETRIES_EXHAUSTED = "RetriesExhausted"
    EVENT_AGE_EXCEEDED = "EventAgeExceeded"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event in the end."""

    event: Event
    condition: Condition
    result: Invocation | None
    """The last attempt's; None where it was not even made."""


def after(
    event: Event, result: Invocation | None, configuration: Configuration, now: float, retry_seconds: float
) -> Event | Outcome:
    """The event as it is to be tried again, or how it ended.

    Args:
        event: the event that was tried.
        result: what came of the attempt; None when localcloud itself could not make it.
        configuration: what the function wants.
        now: epoch seconds.
        retry_seconds: how long to wait after the function's first error; twice that after the second. On AWS
            it is a minute.
    """
    if result is None or result.throttled:
        delay = min(SHORTEST_REFUSAL_SECONDS * 2**event.refusals, LONGEST_REFUSAL_SECONDS)
        tried = replace(event, refusals=event.refusals + 1, due_at=now + delay)
    elif result.function_error is None:
        return Outcome(event, Condition.SUCCESS, result)
    else:
        tried = replace(event, failures=event.failures + 1, due_at=now + retry_seconds * 2**event.failures)
        if tried.failures > configuration.maximum_retry_attempts:
            return Outcome(tried, Condition.RETRIES_EXHAUSTED, result)
    if is_too_old(tried, configuration, tried.due_at):
        return Outcome(tried, Condition.EVENT_AGE_EXCEEDED, result)
    return tried


def is_too_old(event: Event, configuration: Configuration, at: float) -> bool:
    """Whether AWS gives an event up for its age."""
    return at - event.accepted_at > configuration.maximum_event_age_seconds
