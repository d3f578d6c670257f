"""The end-to-end tests' options and fixtures; README.md says what a test may use."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import BotoCoreError

from e2e.support.bring_up import Choice, deployed
from e2e.support.browser import CHROMIUM
from e2e.support.faults import Faults
from e2e.support.files import Files, web
from e2e.support.parley import reach
from e2e.support.people import People
from e2e.support.redaction import search_logs
from harness.errors import HarnessError
from harness.targets import DEFAULT_STACK, NAMES
from harness.users import UserPool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from harness.outputs import Outputs


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose where the tests run."""
    group = parser.getgroup("the stack under test")
    group.addoption(
        "--target", choices=NAMES, default="embedded", help="where the stack runs (default: embedded)"
    )
    group.addoption(
        "--stack", default=DEFAULT_STACK, metavar="NAME", help="the stack's name (default: %(default)s)"
    )
    group.addoption(
        "--endpoint-url", metavar="URL", help="where AWS's APIs answer, if not where the target says"
    )
    group.addoption(
        "--outputs", type=Path, metavar="FILE", help="a file with the outputs of a stack that stands"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the tests' marks."""
    config.addinivalue_line("markers", "slow: takes tens of seconds; run unless deselected by -m 'not slow'")
    config.addinivalue_line(
        "markers", "local_only(reason): wants a local target; skipped on AWS for that reason"
    )
    config.addinivalue_line("markers", "embedded_only(reason): wants the embedded target; skipped elsewhere")
    config.addinivalue_line("markers", "browser: opens pages in Chromium; skipped where there is none")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip, with its reason, what the target cannot do."""
    target = config.getoption("--target")
    lacking = {"embedded": [], "localstack": ["embedded_only"], "aws": ["embedded_only", "local_only"]}[
        target
    ]
    for item in items:
        if CHROMIUM is None and item.get_closest_marker("browser"):
            item.add_marker(
                pytest.mark.skip(reason="there is no Chromium: install Debian's package chromium")
            )
        for name in lacking:
            for mark in item.iter_markers(name):
                item.add_marker(pytest.mark.skip(reason=f"not on {target}: {mark.args[0]}"))


@pytest.fixture(scope="session")
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    """Give the account with the deployed stack, as its operator has it; bring it up where none is up.

    Where there can be none, the run ends with the one sentence that says why.
    """
    option = request.config.getoption
    choice = Choice(option("--target"), option("--stack"), option("--endpoint-url"), option("--outputs"))
    with ExitStack() as undo:
        folder = undo.enter_context(tempfile.TemporaryDirectory(prefix="parley-e2e-"))
        try:
            account = undo.enter_context(deployed(choice, Path(folder)))
        except (HarnessError, BotoCoreError) as refused:
            pytest.exit(f"There is no stack to test. {refused}", returncode=1)
        yield account
        if account.target.name != "aws":  # whose logs are of days, and of others
            search = search_logs(account)
            assert not search.leaks, "\n".join(search.leaks)


@pytest.fixture(scope="session")
def stack(account: Account) -> Outputs:
    """Give what any client knows: the stack's outputs."""
    return account.outputs


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give an empty folder that is gone after the test."""
    with tempfile.TemporaryDirectory(prefix="parley-e2e-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def pool(account: Account, stack: Outputs) -> UserPool:
    """Give the stack's user pool."""
    return UserPool.of(account.target, stack)


@pytest.fixture
def people(pool: UserPool) -> Iterator[People]:
    """Give the maker of this test's users; they are deleted after it."""
    people = People(pool)
    yield people
    people.leave()


@pytest.fixture
def alice(people: People) -> Person:
    """Make a user."""
    return people.join("alice")


@pytest.fixture
def bob(people: People) -> Person:
    """Make another user."""
    return people.join("bob")


@pytest.fixture
def carol(people: People) -> Person:
    """Make a third user."""
    return people.join("carol")


@pytest.fixture
def mallory(people: People) -> Person:
    """Make a user who is up to no good."""
    return people.join("mallory")


@pytest.fixture
async def parley(stack: Outputs) -> AsyncIterator[Parley]:
    """Reach the deployed stack's public APIs."""
    async with reach(stack) as parley:
        yield parley


@pytest.fixture
def faults(account: Account) -> Iterator[Faults]:
    """Give what can make things go wrong on purpose; its tests are marked `embedded_only`."""
    assert account.target.endpoint_url is not None
    faults = Faults(account.target.endpoint_url)
    yield faults
    faults.close()


@pytest.fixture
async def files(parley: Parley) -> AsyncIterator[Files]:
    """Upload and download."""
    async with web() as browser:
        yield Files(parley, browser)
