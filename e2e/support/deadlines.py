"""Waiting for what must become true, up to a deadline: what the tests have in place of sleeping."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PATIENCE = 60.0
"""Seconds after which something that should have happened counts as never happening; covers cold starts."""

_Value = TypeVar("_Value")


async def eventually(
    look: Callable[[], Awaitable[_Value]], holds: Callable[[_Value], bool] = bool, within: float = PATIENCE
) -> _Value:
    """Look again and again until what is seen holds, and give it.

    Args:
        look: fetches the value, from outside this process.
        holds: says whether the value is the awaited one.
        within: seconds to go on looking.

    Raises:
        AssertionError: the value did not come to hold in time; it says what was seen last.
    """
    deadline = time.monotonic() + within
    while not holds(seen := await look()):
        assert time.monotonic() < deadline, f"after {within} s still: {seen!r}"
        await asyncio.sleep(0.05)
    return seen
