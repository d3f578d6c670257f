"""Secrets in MiniStack: replaced by their functions, when somebody asks and when the schedule says so."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.interfaces import Invocation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.in_process_aws import InProcessAws, Json, Template

STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]
DAY = 24 * 60 * 60
_DEADLINE_SECONDS = 60.0


class Rotating:
    """The function of all these secrets: writes the step's version, and promotes it."""

    def __init__(self, aws: InProcessAws) -> None:
        self._aws = aws
        self.steps: list[str] = []
        self.failing = ""
        """The step that fails."""

    async def invoke(self, function: str, payload: bytes, *, trace_id: str = "") -> Invocation:  # noqa: ARG002
        """Carry out a step."""
        event = json.loads(payload)
        step, name, token = event["Step"], event["SecretId"], event["ClientRequestToken"]
        self.steps.append(step)
        if step == self.failing:
            return Invocation("r", b'{"errorMessage":"not today"}', "Unhandled")
        if step == "createSecret":
            new = {"ClientRequestToken": token, "SecretString": token, "VersionStages": ["AWSPENDING"]}
            await call(self._aws, "PutSecretValue", SecretId=name, **new)
        elif step == "finishSecret":
            current = await call(self._aws, "GetSecretValue", SecretId=name)
            move = {"MoveToVersionId": token, "RemoveFromVersionId": current["VersionId"]}
            label = {"SecretId": name, "VersionStage": "AWSCURRENT"}
            await call(self._aws, "UpdateSecretVersionStage", **label, **move)
        return Invocation("r", b"null")


@pytest.fixture
async def function(aws: InProcessAws) -> Rotating:
    """The function, in place of Lambda's execution."""
    from localcloud.ministack import invocation_bridge  # noqa: PLC0415 - after MiniStack is configured

    rotating = Rotating(aws)
    invocation_bridge.install(rotating, asyncio.get_running_loop())
    return rotating


@pytest.fixture
def forgotten(ministack: MiniStack) -> Iterator[None]:  # noqa: ARG001 - it configures MiniStack
    """Leave no secret behind, whose time another test's look would find to have come."""
    from ministack.services import secretsmanager  # noqa: PLC0415 - after it is configured

    yield
    secretsmanager._secrets._data.clear()  # noqa: SLF001


@pytest.fixture
def look(forgotten: None) -> Callable[[float], None]:  # noqa: ARG001
    """Look at the schedules as at a time, as the control plane does each minute."""
    from localcloud.ministack.fixes import secret_rotation  # noqa: PLC0415 - after MiniStack is configured

    return secret_rotation.rotate_due


async def call(aws: InProcessAws, operation: str, **parameters: Any) -> Json:
    """A call of Secrets Manager."""
    return await aws.target("secretsmanager", f"secretsmanager.{operation}", parameters)


def template(name: str, *, allowed: bool = True, days: int = 90, immediately: bool = False) -> Template:
    """A secret that a function may replace, on a schedule."""
    secret = {"Fn::GetAtt": ["Secret", "Id"]}
    function = {"Fn::GetAtt": ["Function", "Arn"]}
    resources: dict[str, Any] = {
        "Secret": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"Name": name, "SecretString": "first"},
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": f"{name}-function",
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Code": {"ZipFile": "def handler(event, context): ..."},
                "Role": "arn:aws:iam::000000000000:role/any",
            },
        },
        "Schedule": {
            "Type": "AWS::SecretsManager::RotationSchedule",
            "DependsOn": ["Permission"] if allowed else [],
            "Properties": {
                "SecretId": secret,
                "RotationLambdaARN": function,
                "RotationRules": {"AutomaticallyAfterDays": days},
                "RotateImmediatelyOnUpdate": immediately,
            },
        },
    }
    if allowed:
        resources["Permission"] = {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": function,
                "Principal": "secretsmanager.amazonaws.com",
                "SourceArn": secret,
            },
        }
    return {"Resources": resources}


async def text(aws: InProcessAws, name: str, stage: str = "AWSCURRENT") -> str:
    """What the version with a label holds; empty where there is none."""
    found = await call(aws, "GetSecretValue", SecretId=name, VersionStage=stage)
    return str(found.get("SecretString", ""))


async def rotated(aws: InProcessAws, name: str, from_text: str) -> str:
    """Wait until a secret holds something else, and its rotation has ended; what."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while True:
        found = await call(aws, "DescribeSecret", SecretId=name)
        if "LastRotatedDate" in found and (now := await text(aws, name)) != from_text:
            return now
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


@pytest.mark.usefixtures("forgotten")
async def test_secret_is_replaced_by_its_function_step_by_step(aws: InProcessAws, function: Rotating) -> None:
    """The former text is kept beside it, and the next time is told."""
    assert await aws.deploy("rotated-stack", template("rotated")) == "CREATE_COMPLETE"
    assert (function.steps, await text(aws, "rotated")) == ([], "first")
    answer = await call(aws, "RotateSecret", SecretId="rotated")
    now = await rotated(aws, "rotated", "first")
    assert now == answer["VersionId"]
    assert await text(aws, "rotated", "AWSPREVIOUS") == "first"
    assert function.steps == STEPS
    told = await call(aws, "DescribeSecret", SecretId="rotated")
    assert told["RotationEnabled"] is True
    assert told["RotationRules"] == {"AutomaticallyAfterDays": 90}
    assert told["NextRotationDate"] == told["LastRotatedDate"] + 90 * DAY


async def test_secret_is_replaced_when_its_time_has_come_and_not_before(
    aws: InProcessAws, function: Rotating, look: Callable[[float], None]
) -> None:
    """Counted from its last time; a change of the days counts anew."""
    assert await aws.deploy("due-stack", template("due", days=60)) == "CREATE_COMPLETE"
    due = float((await call(aws, "DescribeSecret", SecretId="due"))["NextRotationDate"])
    assert abs(due - time.time() - 60 * DAY) < DAY
    look(due - 1)
    assert function.steps == []
    look(due)
    await rotated(aws, "due", "first")
    assert function.steps == STEPS
    assert await aws.deploy("due-stack", template("due", days=180)) == "UPDATE_COMPLETE"
    later = float((await call(aws, "DescribeSecret", SecretId="due"))["NextRotationDate"])
    assert abs(later - time.time() - 180 * DAY) < DAY


async def test_step_that_failed_is_tried_again_and_the_secret_stays_until_then(
    aws: InProcessAws, function: Rotating, look: Callable[[float], None]
) -> None:
    """By the same version; nobody can begin another meanwhile."""
    assert await aws.deploy("failing-stack", template("failing")) == "CREATE_COMPLETE"
    function.failing = "testSecret"
    token = (await call(aws, "RotateSecret", SecretId="failing"))["VersionId"]
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while function.steps != STEPS[:3]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    refused = await call(aws, "RotateSecret", SecretId="failing")
    assert "previous rotation isn't complete" in refused["message"]
    assert await text(aws, "failing") == "first"
    function.failing = ""
    while "LastRotatedDate" not in await call(aws, "DescribeSecret", SecretId="failing"):
        look(time.time())
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    assert await text(aws, "failing") == token


@pytest.mark.usefixtures("forgotten")
async def test_function_that_does_not_let_secrets_manager_is_refused(
    aws: InProcessAws, function: Rotating
) -> None:
    """When the schedule is set, as on AWS."""
    assert "ROLLBACK" in await aws.deploy("unallowed-stack", template("unallowed", allowed=False))
    await call(aws, "CreateSecret", Name="without", SecretString="first")
    refused = await call(aws, "RotateSecret", SecretId="without")
    assert "No Lambda rotation function" in refused["message"]
    assert function.steps == []


async def test_schedule_that_says_so_replaces_at_once_and_ends_with_its_stack(
    aws: InProcessAws, function: Rotating, look: Callable[[float], None]
) -> None:
    """As CloudFormation does by default."""
    made = template("eager", immediately=True)
    assert await aws.deploy("eager-stack", made) == "CREATE_COMPLETE"
    await rotated(aws, "eager", "first")
    assert function.steps == STEPS
    del made["Resources"]["Schedule"]
    assert await aws.deploy("eager-stack", made) == "UPDATE_COMPLETE"
    assert (await call(aws, "DescribeSecret", SecretId="eager"))["RotationEnabled"] is False
    look(time.time() + 1_000 * DAY)
    assert function.steps == STEPS


@pytest.mark.usefixtures("forgotten")
async def test_secret_that_nothing_was_written_to_has_no_text(aws: InProcessAws) -> None:
    """A template may leave that to a function."""
    empty: Template = {
        "Resources": {"S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "e"}}}
    }
    assert await aws.deploy("empty-stack", empty) == "CREATE_COMPLETE"
    missing = await call(aws, "GetSecretValue", SecretId="e")
    assert missing["__type"] == "ResourceNotFoundException"
    assert (await call(aws, "DescribeSecret", SecretId="e"))["VersionIdsToStages"] == {}
    await call(aws, "PutSecretValue", SecretId="e", SecretString="the first")
    assert await text(aws, "e") == "the first"


@pytest.mark.usefixtures("forgotten")
async def test_label_is_on_the_version_that_was_written_with_it_last(aws: InProcessAws) -> None:
    """And on no other: a function that begins anew finds what it has written."""
    await call(aws, "CreateSecret", Name="labelled", SecretString="first")
    for token in ("a" * 32, "b" * 32):
        written = {"ClientRequestToken": token, "SecretString": token, "VersionStages": ["AWSPENDING"]}
        await call(aws, "PutSecretValue", SecretId="labelled", **written)
    assert await text(aws, "labelled", "AWSPENDING") == "b" * 32
    assert await text(aws, "labelled") == "first"


@pytest.mark.usefixtures("forgotten")
async def test_rotation_unfixed_copies_the_text_and_knows_no_schedule(
    aws: InProcessAws, function: Rotating
) -> None:
    """MiniStack alone asks no function."""
    from localcloud.ministack.fixes import secret_rotation  # noqa: PLC0415 - after MiniStack is configured

    with secret_rotation.FIX.undone():
        assert "Unrecognized resource types" in await aws.deploy("unfixed-stack", template("unfixed"))
        await call(aws, "CreateSecret", Name="copied", SecretString="first")
        await call(aws, "RotateSecret", SecretId="copied")
        assert await text(aws, "copied") == "first"
    assert function.steps == []
