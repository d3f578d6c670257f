"""How many invocations may run at once: a function's reservation, and what it leaves the account's others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from localcloud.functions.catalog import Function

ACCOUNT_CONCURRENCY: Final = 1000
"""AWS's default for an account in a region."""


class Concurrency:
    """The invocations under way in the account, counted by whose room they take.

    A reservation is taken from the account's room as soon as its function has been invoked; before that it is
    not known.
    """

    def __init__(self, account: int = ACCOUNT_CONCURRENCY) -> None:
        """Let ``account`` invocations run at once in all."""
        self._account = account
        self._reserved: dict[str, int] = {}
        self._running: dict[str, int] = {}
        self._unreserved = 0

    def enter(self, function: Function) -> bool:
        """An invocation wants to begin; False where it is throttled."""
        name, reserved = function.name, function.reserved_concurrency
        running = self._running.get(name, 0)
        if reserved is None:
            self._reserved.pop(name, None)
            if self._unreserved >= self._account - sum(self._reserved.values()):
                return False
            self._unreserved += 1
        else:
            self._reserved[name] = reserved
            if running >= reserved:
                return False
        self._running[name] = running + 1
        return True

    def leave(self, function: Function) -> None:
        """An invocation that has begun is over; ``function`` is the one that it began with."""
        self._running[function.name] -= 1
        if function.reserved_concurrency is None:
            self._unreserved -= 1
