"""Functions that Lambda refuses to deploy, by its API and by CloudFormation."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.functions.deployment import Deployment
from tests.localcloud.functions.functions_fakes import package, returning

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws, Json

FUNCTIONS = "/2015-03-31/functions"
CODE = package({"main.py": returning("served")})


def properties(name: str, **settings: Any) -> Json:
    """What CreateFunction is given."""
    return {
        "FunctionName": name,
        "Runtime": "python3.13",
        "Handler": "main.handler",
        "Role": f"arn:aws:iam::000000000000:role/{name}-role",
        "Code": {"ZipFile": base64.b64encode(CODE).decode()},
        **settings,
    }


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        (
            {"Environment": {"Variables": {"TABLE": "Chats", "AWS_REGION": "x", "_HANDLER": "y"}}},
            "InvalidParameterValueException",
            "not supported for modification. Reserved keys used in this request: AWS_REGION, _HANDLER",
        ),
        (
            {"Environment": {"Variables": {"TEXT": "x" * 4086}}},
            "InvalidParameterValueException",
            'exceeded the 4KB limit. String measured: {"TEXT":"xxx',
        ),
        (
            {"Timeout": 901},
            "ValidationException",
            "at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
        ),
    ],
    ids=["reserved", "4 KB", "timeout"],
)
async def test_function_that_lambda_refuses_is_refused(
    aws: InProcessAws, request: pytest.FixtureRequest, settings: Json, code: str, said: str
) -> None:
    """CreateFunction, UpdateFunctionConfiguration and a template: each fails, and nothing changes."""
    name = f"refused-{request.node.callspec.id.replace(' ', '')}"
    await Deployment(aws, Path()).allow(name, {})
    created = await aws.post("lambda", FUNCTIONS, properties(name, **settings))
    assert created["__type"] == code
    assert said in created["message"]
    template = {"Function": {"Type": "AWS::Lambda::Function", "Properties": properties(name, **settings)}}
    assert await aws.deploy(name, {"Resources": template}) == "ROLLBACK_COMPLETE"
    assert (await aws.post("lambda", FUNCTIONS, properties(name)))["FunctionName"] == name
    updated = await aws.put("lambda", f"{FUNCTIONS}/{name}/configuration", settings)
    assert updated["__type"] == code
    assert (await aws.get("lambda", f"{FUNCTIONS}/{name}/configuration"))["Timeout"] == 3


async def test_function_within_all_limits_is_deployed(aws: InProcessAws) -> None:
    """900 s, and 4 KB of variables as JSON, are allowed."""
    variables = {"TEXT": "x" * (4096 - len('{"TEXT":""}'))}
    settings: Json = {"Environment": {"Variables": variables}, "Timeout": 900}
    await Deployment(aws, Path()).allow("refused-not", {})
    created = await aws.post("lambda", FUNCTIONS, properties("refused-not", **settings))
    assert created["Timeout"] == 900


async def test_function_that_lambda_refuses_unfixed_is_made(aws: InProcessAws) -> None:
    """MiniStack alone makes it."""
    from localcloud.ministack.fixes import function_checks  # noqa: PLC0415 - after it is configured

    settings: Json = {"Environment": {"Variables": {"AWS_REGION": "x"}}, "Timeout": 901}
    await Deployment(aws, Path()).allow("refused-unfixed", {})
    with function_checks.FIX.undone():
        created = await aws.post("lambda", FUNCTIONS, properties("refused-unfixed", **settings))
    assert created["Timeout"] == 901
