"""Functions' environment variables, other ones for a while."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from e2e.support.account import Account


@contextmanager
def variables(account: Account, functions: list[str], **values: str) -> Iterator[None]:
    """Have functions, named by their logical ids, run with these variables for as long as the block lasts."""
    with ExitStack() as restored:
        for function in functions:
            name = account.resources["AWS::Lambda::Function", function]
            before = account.functions.get_function_configuration(FunctionName=name)["Environment"][
                "Variables"
            ]
            restored.callback(_set, account, name, before)
            _set(account, name, {**before, **values})
        yield


def _set(account: Account, name: str, values: Mapping[str, str]) -> None:
    account.functions.update_function_configuration(FunctionName=name, Environment={"Variables": values})
    account.functions.get_waiter("function_updated_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
