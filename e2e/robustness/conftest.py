"""Fixtures of the tests that break things: the same names, on a stack of their own that nobody else uses."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.support.own_stack import OwnStack, own_stack
from harness.users import UserPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.support.account import Account
    from harness.outputs import Outputs


@pytest.fixture(scope="session")
def own() -> Iterator[OwnStack]:
    """Give the stack of their own."""
    with tempfile.TemporaryDirectory(prefix="parley-e2e-") as folder, own_stack(Path(folder)) as own:
        yield own


@pytest.fixture(scope="session")
def account(own: OwnStack) -> Account:
    """Give the account that it is deployed in."""
    return own.account


@pytest.fixture(scope="session")
def stack(account: Account) -> Outputs:
    """Give its outputs."""
    return account.outputs


@pytest.fixture(scope="session")
def pool(account: Account, stack: Outputs) -> UserPool:
    """Give its user pool."""
    return UserPool.of(account.target, stack)
