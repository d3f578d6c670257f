"""The scenarios, by the names that ``--only`` takes, in the order in which they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.scenarios import efficiency, growth, messages, reload, share, start, storm

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bench.budgets import Result
    from bench.subjects import Comparison

    Scenario = Callable[[Comparison], Awaitable[Sequence[Result]]]

ALL: Final[Mapping[str, Scenario]] = {
    "start": start.measure,
    "messages": messages.measure,
    "efficiency": efficiency.measure,
    "share": share.measure,
    "storm": storm.measure,
    "reload": reload.measure,
    "growth": growth.measure,
}
