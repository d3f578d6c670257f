"""Runs one function over several values side by side, within bounds."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import ThreadPoolExecutor

WORKERS = 8
"""Requests under way at once; the adapters' HTTP clients keep as many connections open."""

_Value = TypeVar("_Value")
_Result = TypeVar("_Result")


@cache
def _pool() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most environments never need it

    return ThreadPoolExecutor(WORKERS, thread_name_prefix="parallel")


def each(function: Callable[[_Value], _Result], values: Sequence[_Value]) -> list[_Result]:
    """Call the function with every value and wait for all; results stand in the order of the values."""
    if len(values) <= 1:
        return [function(value) for value in values]
    return list(_pool().map(function, values))
