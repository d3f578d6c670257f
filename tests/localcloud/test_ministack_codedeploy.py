"""CodeDeploy in MiniStack: its API, and stacks whose aliases go over by it and back where an alarm says."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.codedeploy.app_spec import Shift
from tests.localcloud.gradual_stack import release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.localcloud.in_process_aws import InProcessAws, Json, Template

CODEDEPLOY = "CodeDeploy_20141006."
MONITORING = "GraniteServiceVersion20100801."
FUNCTIONS = "/2015-03-31/functions"
MINUTE = 60
_DEADLINE_SECONDS = 60.0


@dataclass
class Clock:
    """Time that stands until it is moved."""

    seconds: float = field(default_factory=time.time)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.seconds


@pytest.fixture
def clock(aws: InProcessAws) -> Iterator[Clock]:
    """The clock that deployments follow."""
    held = Clock()
    shifts = aws.control_plane.traffic_shifts
    before, shifts.now = shifts.now, held.now
    yield held
    shifts.now = before


async def nested(aws: InProcessAws, name: str, text: str, more: Json | None = None) -> Template:
    """A stack with that function in a nested one, and what comes after it."""
    url = await aws.upload(release(name, text))
    child = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
    return {"Resources": {"Child": child, **(more or {})}}


async def alias(aws: InProcessAws, name: str) -> tuple[str, dict[str, float]]:
    """Where the alias points: its version, and the weights of others."""
    found = await aws.get("lambda", f"{FUNCTIONS}/{name}/aliases/live")
    return found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})


async def deployments(aws: InProcessAws, name: str) -> list[Json]:
    """An application's deployments, the oldest first."""
    listed = await call(aws, "ListDeployments", {"applicationName": name, "deploymentGroupName": name})
    described = await call(aws, "BatchGetDeployments", {"deploymentIds": listed["deployments"][::-1]})
    return list(described["deploymentsInfo"])


async def call(aws: InProcessAws, operation: str, request: dict[str, Any]) -> Json:
    """A call of CodeDeploy."""
    return await aws.target("codedeploy", f"{CODEDEPLOY}{operation}", request)


async def until(aws: InProcessAws, condition: Callable[[], Any]) -> None:
    """Go on with deployments until something is so."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not await condition():
        assert time.monotonic() < deadline
        aws.control_plane.traffic_shifts.advance()
        await asyncio.sleep(0)


async def shifting(aws: InProcessAws, name: str, weights: dict[str, float]) -> None:
    """Wait until an alias has such weights."""

    async def has_weights() -> bool:
        return (await alias(aws, name))[1] == weights

    await until(aws, has_weights)


async def set_alarm(aws: InProcessAws, name: str, state: str) -> None:
    """Put an alarm into a state."""
    change = {"AlarmName": f"{name}-errors", "StateValue": state, "StateReason": "the test says so"}
    await aws.target("monitoring", f"{MONITORING}SetAlarmState", change)


async def ended(aws: InProcessAws, deploying: asyncio.Task[str]) -> str:
    """The status of a stack's update, once it has one."""

    async def is_done() -> bool:
        return deploying.done()

    await until(aws, is_done)
    return await deploying


async def test_alias_of_a_stack_goes_over_by_a_canary(aws: InProcessAws, clock: Clock) -> None:
    """A tenth first, and everything once five minutes have passed without an alarm."""
    assert await aws.deploy("canary", release("canary", "one")) == "CREATE_COMPLETE"
    assert await alias(aws, "canary") == ("1", {})
    deploying = asyncio.create_task(aws.deploy("canary", release("canary", "two")))
    await shifting(aws, "canary", {"2": 0.1})
    clock.seconds += 4 * MINUTE
    aws.control_plane.traffic_shifts.advance()
    assert await alias(aws, "canary") == ("1", {"2": 0.1})
    clock.seconds += MINUTE
    assert await ended(aws, deploying) == "UPDATE_COMPLETE"
    assert await alias(aws, "canary") == ("2", {})
    (one,) = await deployments(aws, "canary")
    assert (one["status"], one["creator"]) == ("Succeeded", "CloudFormation")
    await aws.delete("canary")
    assert "canary" not in (await call(aws, "ListApplications", {}))["applications"]


async def test_alarm_takes_the_alias_back_and_fails_the_stack(aws: InProcessAws, clock: Clock) -> None:
    """The update is rolled back, and the version before has all traffic again."""
    await aws.deploy("alarmed", release("alarmed", "one"))
    deploying = asyncio.create_task(aws.deploy("alarmed", release("alarmed", "two")))
    await shifting(aws, "alarmed", {"2": 0.1})
    clock.seconds += MINUTE
    await set_alarm(aws, "alarmed", "ALARM")
    assert await ended(aws, deploying) == "UPDATE_ROLLBACK_COMPLETE"
    assert await alias(aws, "alarmed") == ("1", {})
    stopped, back = sorted(await deployments(aws, "alarmed"), key=lambda each: each["creator"])
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert "alarmed-errors" in stopped["errorInformation"]["message"]
    assert stopped["rollbackInfo"]["rollbackDeploymentId"] == back["deploymentId"]
    assert (back["status"], back["creator"]) == ("Succeeded", "codeDeployRollback")


async def test_rollback_of_a_nested_stack_returns_to_the_version_that_was(
    aws: InProcessAws, clock: Clock
) -> None:
    """At once, whatever its alarm says, where something else of the deployment fails after the shift."""
    await aws.deploy("nests", await nested(aws, "nests", "one"))
    deploying = asyncio.create_task(
        aws.deploy("nests", await nested(aws, "nests", "two", {"Fails": failing_function()}))
    )
    await shifting(aws, "nests", {"2": 0.1})
    clock.seconds += 5 * MINUTE
    assert await ended(aws, deploying) == "UPDATE_ROLLBACK_COMPLETE"
    assert await alias(aws, "nests") == ("1", {})
    assert len(await deployments(aws, "nests")) == 1


def failing_function() -> Template:
    """A function that Lambda refuses, to be made last."""
    return {
        "Type": "AWS::Lambda::Function",
        "DependsOn": "Child",
        "Properties": {
            "Code": {"ZipFile": ""},
            "Handler": "index.handler",
            "Runtime": "python3.13",
            "Role": "arn:aws:iam::000000000000:role/nobody",
            "Environment": {"Variables": {"AWS_REGION": "nowhere"}},
        },
    }


async def test_alias_of_a_stack_unfixed_goes_over_at_once(aws: InProcessAws, clock: Clock) -> None:
    """MiniStack alone knows no update policy."""
    from localcloud.ministack.fixes import alias_traffic_shifts  # noqa: PLC0415 - after MiniStack is configured

    assert clock.now()
    await aws.deploy("at-once", release("at-once", "one"))
    with alias_traffic_shifts.FIX.undone():
        assert await aws.deploy("at-once", release("at-once", "two")) == "UPDATE_COMPLETE"
    assert await alias(aws, "at-once") == ("2", {})
    assert await deployments(aws, "at-once") == []


async def test_codedeploy_unfixed_is_not_deployed(aws: InProcessAws) -> None:
    """MiniStack alone has no such resource."""
    from localcloud.ministack.fixes import codedeploy_service  # noqa: PLC0415 - after MiniStack is configured

    with codedeploy_service.FIX.undone():
        assert "Unrecognized resource types" in await aws.deploy("no-codedeploy", release("none", "one"))


async def test_deployment_by_hand_is_stopped_and_sent_back(aws: InProcessAws, clock: Clock) -> None:
    """As by the command line: one at a time, listed, described, stopped on request."""
    await aws.deploy("by-hand", release("by-hand", "one"))
    await aws.put("lambda", f"{FUNCTIONS}/by-hand/configuration", {"Description": "two"})
    assert (await aws.post("lambda", f"{FUNCTIONS}/by-hand/versions", {}))["Version"] == "2"
    request = {
        "applicationName": "by-hand",
        "deploymentGroupName": "by-hand",
        "deploymentConfigName": "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
        "revision": {
            "revisionType": "AppSpecContent",
            "appSpecContent": {"content": Shift("by-hand", "live", "1", "2").app_spec()},
        },
    }
    identifier = (await call(aws, "CreateDeployment", request))["deploymentId"]
    again = await call(aws, "CreateDeployment", request)
    assert again["__type"] == "DeploymentLimitExceededException"
    clock.seconds += 3 * MINUTE
    aws.control_plane.traffic_shifts.advance()
    assert await alias(aws, "by-hand") == ("1", {"2": 0.4})
    running = {"applicationName": "by-hand", "includeOnlyStatuses": ["InProgress"]}
    assert (await call(aws, "ListDeployments", running))["deployments"] == [identifier]
    await call(aws, "StopDeployment", {"deploymentId": identifier, "autoRollbackEnabled": True})
    assert await alias(aws, "by-hand") == ("1", {})
    described = (await call(aws, "GetDeployment", {"deploymentId": identifier}))["deploymentInfo"]
    assert described["status"] == "Stopped"
    assert not [name for name in described if name.startswith("_")]
    late = await call(aws, "StopDeployment", {"deploymentId": identifier})
    assert late["__type"] == "DeploymentAlreadyCompletedException"


async def test_role_that_may_not_update_the_alias_fails_the_deployment(
    aws: InProcessAws, clock: Clock
) -> None:
    """CodeDeploy does what its role may, and no more."""
    assert clock.now()
    template = release("powerless", "one")
    policy = template["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"]
    policy["Statement"] = policy["Statement"][1:]
    assert await aws.deploy("powerless", template) == "CREATE_COMPLETE"
    changed = release("powerless", "two")
    changed["Resources"]["Role"] = template["Resources"]["Role"]
    deploying = asyncio.create_task(aws.deploy("powerless", changed))
    assert await ended(aws, deploying) == "UPDATE_ROLLBACK_COMPLETE"
    (failed,) = await deployments(aws, "powerless")
    assert failed["errorInformation"]["code"] == "IAM_ROLE_PERMISSIONS"
    assert await alias(aws, "powerless") == ("1", {})


async def test_deployments_are_in_what_is_saved(aws: InProcessAws) -> None:
    """So they are there after a restart."""
    from ministack import app  # noqa: PLC0415 - after MiniStack is configured

    await call(aws, "CreateApplication", {"applicationName": "saved", "computePlatform": "Lambda"})
    state = app._build_persistence_save_dict()["codedeploy"]()  # noqa: SLF001
    assert "saved" in {found["applicationName"] for found in state["applications"].all_values()}


async def test_shift_of_a_stack_that_a_sudden_end_cut_off_is_taken_back(
    aws: InProcessAws, clock: Clock
) -> None:
    """At the next start: no stack waits for it any more, and half a shift is nobody's wish."""
    from localcloud.ministack.codedeploy import store  # noqa: PLC0415 - after MiniStack is configured

    assert clock.now()
    await aws.deploy("cut-off", release("cut-off", "one"))
    await aws.put("lambda", f"{FUNCTIONS}/cut-off/configuration", {"Description": "two"})
    await aws.post("lambda", f"{FUNCTIONS}/cut-off/versions", {})
    shifts = aws.control_plane.traffic_shifts
    (group,) = [found for found in store.groups.all_values() if found["deploymentGroupName"] == "cut-off"]
    shifts.begin(group, Shift("cut-off", "live", "1", "2"), creator="CloudFormation")
    assert await alias(aws, "cut-off") == ("1", {"2": 0.1})
    shifts.end_interrupted()
    assert await alias(aws, "cut-off") == ("1", {})
    stopped, _ = sorted(await deployments(aws, "cut-off"), key=lambda each: each["creator"])
    assert stopped["status"] == "Stopped"
