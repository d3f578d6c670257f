"""Node functions: every form of handler and module, errors, logs, layers."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.functions.functions_fakes import FakeControlPlane, execution_plane, package

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from localcloud.functions import ExecutionPlane

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None, reason="Node functions run with the host's Node"
)


@pytest.fixture
def control_plane() -> FakeControlPlane:
    """What is deployed."""
    return FakeControlPlane()


@pytest.fixture
async def plane(control_plane: FakeControlPlane, tmp_path: Path) -> AsyncIterator[ExecutionPlane]:
    """An execution plane over the control plane."""
    async with execution_plane(control_plane, tmp_path) as plane:
        yield plane


def deploy(
    control_plane: FakeControlPlane, files: Mapping[str, str], handler: str = "index.handler", **more: Any
) -> None:
    """Deploy a Node function ``node``."""
    control_plane.deploy("node", package(files), Runtime="nodejs22.x", Handler=handler, Timeout=10, **more)


@pytest.mark.parametrize(
    ("files", "handler"),
    [
        ({"index.js": "exports.handler = async (event) => event.text;"}, "index.handler"),
        ({"index.mjs": "export const handler = async (event) => event.text;"}, "index.handler"),
        (
            {"index.cjs": "exports.handler = (event, context, done) => done(null, event.text);"},
            "index.handler",
        ),
        (
            {
                "package.json": '{"type": "module"}',
                "src/app.js": "import { text } from './text.js';\nexport const run = async (e) => text(e);",
                "src/text.js": "export const text = (event) => event.text;",
            },
            "src/app.run",
        ),
        (
            {"index.js": "exports.handler = (e) => new Promise((done) => setTimeout(done, 1, e.text));"},
            "index.handler",
        ),
    ],
    ids=["CommonJS", "ES module", "callback", "package of ES modules", "promise"],
)
async def test_node_handler_of_every_form_is_served(
    plane: ExecutionPlane, control_plane: FakeControlPlane, files: Mapping[str, str], handler: str
) -> None:
    """Two events, one after the other, in one environment."""
    deploy(control_plane, files, handler)
    for text in ("one", "two"):
        invocation = await plane.invoke("node", json.dumps({"text": text}).encode())
        assert (invocation.function_error, json.loads(invocation.payload)) == (None, text)


async def test_node_context_and_logs_are_awss(plane: ExecutionPlane, control_plane: FakeControlPlane) -> None:
    """The context's fields, and console's lines with time, request and level."""
    code = """exports.handler = async (event, context) => {
        console.log("heard", event);
        console.warn("two\\nlines");
        return [context.functionName, context.awsRequestId, context.getRemainingTimeInMillis(),
                context.invokedFunctionArn, process.env._X_AMZN_TRACE_ID];
    };"""
    deploy(control_plane, {"index.js": code})
    invocation = await plane.invoke("node", b'"hello"')
    name, request_id, remaining, arn, trace = json.loads(invocation.payload)
    assert (name, request_id) == ("node", invocation.request_id)
    assert 8000 < remaining <= 10000
    assert arn.endswith(":function:node")
    assert trace.startswith("Root=1-")
    assert f"\t{request_id}\tINFO\theard hello\n" in invocation.log_tail
    assert f"\t{request_id}\tWARN\ttwo\nlines\n" in invocation.log_tail


async def test_node_handler_that_throws_is_an_error_object(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """AWS's fields of a Node error; the environment serves on."""
    deploy(control_plane, {"index.js": "exports.handler = async () => { throw new RangeError('too far'); };"})
    for _ in range(2):
        invocation = await plane.invoke("node", b"{}")
        error = json.loads(invocation.payload)
        assert invocation.function_error == "Unhandled"
        assert (error["errorType"], error["errorMessage"]) == ("RangeError", "too far")
        assert error["trace"][0] == "RangeError: too far"


@pytest.mark.parametrize(
    ("files", "error_type"),
    [
        ({"other.js": ""}, "Runtime.ImportModuleError"),
        ({"index.js": "require('nowhere')"}, "Runtime.ImportModuleError"),
        ({"index.js": "exports.other = 1"}, "Runtime.HandlerNotFound"),
        ({"index.js": "exports.handler = ("}, "Runtime.UserCodeSyntaxError"),
    ],
    ids=["no module", "missing import", "no handler", "syntax"],
)
async def test_node_module_that_cannot_be_loaded_says_why(
    plane: ExecutionPlane, control_plane: FakeControlPlane, files: Mapping[str, str], error_type: str
) -> None:
    """AWS's types of initialization errors."""
    deploy(control_plane, files)
    invocation = await plane.invoke("node", b"{}")
    assert json.loads(invocation.payload)["errorType"] == error_type


async def test_node_layer_has_modules(plane: ExecutionPlane, control_plane: FakeControlPlane) -> None:
    """What a layer has in nodejs/node_modules is found."""
    control_plane.publish_layer("layer:1", {"nodejs/node_modules/shared/index.js": "exports.x = 'layer';"})
    code = "const shared = require('shared'); exports.handler = async () => shared.x;"
    deploy(control_plane, {"index.js": code}, Layers=[{"Arn": "layer:1"}])
    assert json.loads((await plane.invoke("node", b"{}")).payload) == "layer"
