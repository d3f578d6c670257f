"""Deployments in steps, under traffic: two versions answer, and a faulty one is taken back by its alarm."""

from __future__ import annotations

import asyncio
import shutil
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from e2e.support.alarms import DAY, MINUTE, Alarms
from e2e.support.deadlines import PATIENCE
from e2e.support.deployments import conversation, deploy_packaged, edit, tell_moods
from e2e.support.own_stack import copy_handlers
from harness.deploy import ARTIFACTS_BUCKET, package_locally
from harness.errors import HarnessError
from harness.package import Sources, package

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person

pytestmark = pytest.mark.embedded_only("it deploys to the stack under test, and moves its clock ahead")

CANARY = "Canary10Percent5Minutes"
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Versions:
    """The stack as it is, N, the next, and one after it that cannot send: addresses of packaged templates."""

    now: str
    next: str
    faulty: str


@pytest.fixture
def versions(account: Account, folder: Path) -> Iterator[Versions]:
    """Package the three; afterwards the stack is N again, all at once."""
    target = account.target
    bundle = package(target.platform)
    now = package_locally(target, bundle, ARTIFACTS_BUCKET)
    sources = Sources(handlers=copy_handlers(folder))
    output = shutil.copytree(bundle.folder, folder / "bundle")  # with its layer, which stays

    def changed() -> str:
        return package_locally(target, package(target.platform, output, sources), ARTIFACTS_BUCKET)

    tell_moods(sources.handlers)
    following = changed()
    edit(
        sources.handlers / "send_message.py",
        '    """Send, and ack."""\n',
        '    """Send, and ack."""\n    raise RuntimeError("N+2 cannot send.")\n',
    )
    yield Versions(now, following, changed())
    deploy_packaged(account, now)


@dataclass(slots=True)
class Shifts:
    """CodeDeploy's deployments, and the clock that they and the alarms go by."""

    codedeploy: Any
    """CodeDeploy's API."""
    alarms: Alarms
    ahead: float = DAY
    """What other tests have done wrong is a day old."""
    seen: set[str] = field(default_factory=set)

    def begun(self) -> list[str]:
        """The groups whose shift has begun since this was asked last."""
        running = self.codedeploy.list_deployments(includeOnlyStatuses=["InProgress"])["deployments"]
        new = [each for each in running if each not in self.seen]
        self.seen.update(new)
        return [
            self.codedeploy.get_deployment(deploymentId=each)["deploymentInfo"]["deploymentGroupName"]
            for each in new
        ]

    def pass_five_minutes(self) -> None:
        """Have so much time pass for deployments and alarms."""
        self.ahead += 5 * MINUTE
        self.alarms.states(self.ahead)


@pytest.fixture
def shifts(account: Account) -> Iterator[Shifts]:
    """Give the account's."""
    session = account.target.session()
    alarms = Alarms(account)
    assert set(alarms.states(DAY).values()) == {"OK"}
    yield Shifts(session.client("codedeploy", endpoint_url=account.target.endpoint_url), alarms)
    alarms.close()


@asynccontextmanager
async def while_sending_shifts(
    shifts: Shifts, group: str, deploying: asyncio.Task[None]
) -> AsyncIterator[None]:
    """Have the shifts before that of a group pass, and run the block during its own; then those after it."""

    async def passed(until: Callable[[list[str]], bool]) -> None:
        while not deploying.done():
            begun = shifts.begun()
            if until(begun):
                return
            if begun:
                shifts.pass_five_minutes()
            await asyncio.sleep(LOOK_SECONDS)

    await passed(lambda begun: group in begun)
    try:
        yield
    finally:
        shifts.pass_five_minutes()
        await passed(lambda _: False)


async def eventually(holds: Callable[[], bool], deploying: asyncio.Task[None]) -> None:
    """Wait until something is so, or there is nothing more to wait for."""
    deadline = time.monotonic() + PATIENCE
    while not deploying.done() and not await asyncio.to_thread(holds):
        assert time.monotonic() < deadline
        await asyncio.sleep(LOOK_SECONDS)


async def test_faulty_version_is_taken_back_by_its_alarm_under_traffic(
    parley: Parley, account: Account, alice: Person, bob: Person, versions: Versions, shifts: Shifts
) -> None:
    """N+1 comes by a canary, in which both answer; N+2 fails a tenth of the sends until its alarm."""
    group = f"{account.stack_name}-send-message"

    def both_answered() -> bool:
        """Whether N has written after N+1 did."""
        moods = operator.told_moods()
        return True in moods and False in moods[moods.index(True) :]

    def alarmed() -> bool:
        """Whether the alarm is on once the five minutes that it looks at are over."""
        return shifts.alarms.states(5 * MINUTE)["internal-errors"] == "ALARM"

    async with conversation(parley, account, alice, bob) as operator:
        await operator.deploy_packaged(versions.now, TrafficShift=CANARY, Release="n")
        deploying = asyncio.create_task(
            operator.deploy_packaged(versions.next, TrafficShift=CANARY, Release="n-1")
        )
        async with while_sending_shifts(shifts, group, deploying):
            await eventually(both_answered, deploying)
            assert both_answered()
        await deploying
        assert operator.told_moods()[-1]
        deploying = asyncio.create_task(
            operator.deploy_packaged(versions.faulty, TrafficShift=CANARY, Release="n-2")
        )
        async with while_sending_shifts(shifts, group, deploying):
            await eventually(alarmed, deploying)
            await asyncio.wait([deploying])
        failure = deploying.exception()
        assert isinstance(failure, HarnessError)
        assert "ALARM_ACTIVE" in str(failure)
        await operator.more()
        alias = account.functions.get_alias(FunctionName=group, Name="live")
        assert not dict(alias).get("RoutingConfig")
        live = account.functions.get_function_configuration(FunctionName=group, Qualifier="live")
        assert live["Description"].endswith(" - n-1")
