"""What MiniStack has deployed runs: published versions and aliases, and directories in place of packages."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.functions.deployment import Deployment
from tests.localcloud.functions.functions_fakes import arn, execution_plane, package, returning

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from localcloud.functions import ExecutionPlane
    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.in_process_aws import InProcessAws

FUNCTIONS = "/2015-03-31/functions"
CODE = "def handler(event, context): return [{!r}, context.function_version, context.invoked_function_arn]"


@pytest.fixture
async def plane(ministack: MiniStack, tmp_path: Path) -> AsyncIterator[ExecutionPlane]:
    """An execution plane over MiniStack."""
    async with execution_plane(ministack, tmp_path) as plane:
        yield plane


def zipped(text: str) -> str:
    """A package that answers with ``text``, as the API takes it."""
    return base64.b64encode(package({"main.py": CODE.format(text)})).decode()


async def deploy(aws: InProcessAws, name: str, code: dict[str, str], **configuration: str) -> None:
    """Create a function, and its role."""
    await Deployment(aws, Path()).allow(name, {})
    created = await aws.post(
        "lambda",
        FUNCTIONS,
        {
            "FunctionName": name,
            "Runtime": "python3.13",
            "Handler": "main.handler",
            "Role": f"arn:aws:iam::000000000000:role/{name}-role",
            "Code": code,
            **configuration,
        },
    )
    assert created.get("FunctionName") == name, created


async def answer(plane: ExecutionPlane, reference: str) -> Any:
    """What a function returns."""
    invocation = await plane.invoke(reference, b"{}")
    assert invocation.function_error is None, invocation.payload
    return json.loads(invocation.payload)


async def test_version_runs_what_was_published(plane: ExecutionPlane, aws: InProcessAws) -> None:
    """$LATEST moves on; the version, by number and by alias, stays."""
    await deploy(aws, "versioned", {"ZipFile": zipped("first")})
    assert (await aws.post("lambda", f"{FUNCTIONS}/versioned/versions", {}))["Version"] == "1"
    await aws.post("lambda", f"{FUNCTIONS}/versioned/aliases", {"Name": "live", "FunctionVersion": "1"})
    await aws.put("lambda", f"{FUNCTIONS}/versioned/code", {"ZipFile": zipped("second")})
    own = arn("versioned")
    assert await answer(plane, "versioned") == ["second", "$LATEST", own]
    assert await answer(plane, "versioned:1") == ["first", "1", f"{own}:1"]
    assert await answer(plane, f"{own}:live") == ["first", "1", f"{own}:live"]
    assert await answer(plane, own) == ["second", "$LATEST", own]
    with pytest.raises(KeyError, match="no such version"):
        await plane.invoke("versioned:2", b"{}")


async def test_hot_reload_bucket_runs_the_directory(
    plane: ExecutionPlane, aws: InProcessAws, tmp_path: Path
) -> None:
    """S3Bucket hot-reload with a directory as S3Key, as LocalStack has it, by the API and by a template."""
    directory = tmp_path / "handlers"
    directory.mkdir()
    (directory / "main.py").write_text(returning("from the directory"))
    code = {"S3Bucket": "hot-reload", "S3Key": str(directory)}
    await deploy(aws, "direct", code)
    assert await answer(plane, "direct") == "from the directory"
    properties = {
        "FunctionName": "templated",
        "Runtime": "python3.13",
        "Handler": "main.handler",
        "Role": "arn:aws:iam::000000000000:role/direct-role",
        "Code": code,
    }
    template = {"Resources": {"Function": {"Type": "AWS::Lambda::Function", "Properties": properties}}}
    assert await aws.deploy("hot-reload", template) == "CREATE_COMPLETE"
    assert await answer(plane, "templated") == "from the directory"
    await aws.delete("hot-reload")
