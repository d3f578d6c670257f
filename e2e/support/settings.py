"""Functions' environment variables, other ones for a while."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from e2e.support.account import Account


@contextmanager
def variables(account: Account, functions: list[str], **values: str) -> Iterator[None]:
    """Have functions, named by their logical ids, run with these variables for as long as the block lasts.

    Those that have them already are left alone: each change takes seconds, and ends what is warm.
    """
    names = [account.resources["AWS::Lambda::Function", function] for function in functions]
    before = {name: _variables(account, name) for name in names}
    changed = {name: {**old, **values} for name, old in before.items() if not values.items() <= old.items()}
    try:
        _set(account, changed)
        yield
    finally:
        _set(account, {name: before[name] for name in changed})


def _variables(account: Account, name: str) -> dict[str, str]:
    return account.functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]


def _set(account: Account, values: Mapping[str, Mapping[str, str]]) -> None:
    """Set functions' variables, by the functions' names, and wait until all have them."""
    for name, each in values.items():
        account.functions.update_function_configuration(FunctionName=name, Environment={"Variables": each})
    for name in values:
        account.functions.get_waiter("function_updated_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
