"""Lambda's Invoke as its callers meet it: what they are told beside what the handler returned."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from localcloud.interfaces import Request

if TYPE_CHECKING:
    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.functions.deployment import Deployment
    from tests.localcloud.in_process_aws import Json

TRACE = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"
ANSWER_TRACE = """
import os
def handler(event, context):
    print("traced")
    return os.environ["_X_AMZN_TRACE_ID"]
"""


async def invoke(
    ministack: MiniStack, name: str, query: str = "", **headers: str
) -> tuple[int, dict[str, str], Json]:
    """Invoke a function with these headers: the status, the answer's headers, its JSON."""
    path = f"/2015-03-31/functions/{name}/invocations"
    sent = [(header.replace("_", "-").encode(), value.encode()) for header, value in headers.items()]
    request = Request("POST", path, path.encode(), query.encode(), sent, b"{}")
    response = await ministack.call("lambda", request)
    answered = {key.decode().lower(): value.decode() for key, value in response.headers}
    return response.status, answered, json.loads(response.body)


async def test_invoke_goes_on_with_the_callers_trace(deployment: Deployment, ministack: MiniStack) -> None:
    """X-Amzn-Trace-Id, which SDKs send within a function, is what the next function sees."""
    await deployment.function("traced", ANSWER_TRACE)
    _, _, traced = await invoke(ministack, "traced", x_amzn_trace_id=TRACE)
    _, _, untraced = await invoke(ministack, "traced")
    assert traced == TRACE
    assert untraced.startswith("Root=1-")
    assert untraced != TRACE


async def test_invoke_trace_unfixed_is_lost(deployment: Deployment, ministack: MiniStack) -> None:
    """MiniStack alone does not look at it."""
    from localcloud.ministack.fixes import invocation_trace  # noqa: PLC0415 - after it is configured

    await deployment.function("untraced", ANSWER_TRACE)
    with invocation_trace.FIX.undone():
        _, _, answer = await invoke(ministack, "untraced", x_amzn_trace_id=TRACE)
    assert answer != TRACE


async def test_invoke_that_asks_for_the_log_gets_its_end(
    deployment: Deployment, ministack: MiniStack
) -> None:
    """LogType Tail: base64 of the invocation's lines; without it, nothing."""
    await deployment.function("tailed", ANSWER_TRACE)
    _, headers, _ = await invoke(ministack, "tailed", x_amz_log_type="Tail")
    start, said, end, report = base64.b64decode(headers["x-amz-log-result"]).decode().splitlines()
    assert (start.split()[0], said, end.split()[0], report.split()[0]) == (
        "START",
        "traced",
        "END",
        "REPORT",
    )
    _, headers, _ = await invoke(ministack, "tailed")
    assert "x-amz-log-result" not in headers


async def test_invoke_beyond_the_reservation_answers_429(
    deployment: Deployment, ministack: MiniStack
) -> None:
    """TooManyRequestsException says whose limit it was, and when to come again."""
    await deployment.function("stopped", ANSWER_TRACE)
    path = "/2017-10-31/functions/stopped/concurrency"
    body = b'{"ReservedConcurrentExecutions": 0}'
    await ministack.call("lambda", Request("PUT", path, path.encode(), b"", (), body))
    status, headers, answer = await invoke(ministack, "stopped")
    assert (status, headers["retry-after"]) == (429, "1")
    assert (answer["__type"], answer["Type"]) == ("TooManyRequestsException", "User")
    assert answer["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


async def test_invoke_of_an_alias_says_which_version_ran(
    deployment: Deployment, ministack: MiniStack
) -> None:
    """X-Amz-Executed-Version is the version's number, or $LATEST."""
    await deployment.function("executed", ANSWER_TRACE)
    functions = "/2015-03-31/functions/executed"
    await deployment.aws.post("lambda", f"{functions}/versions", {})
    await deployment.aws.post("lambda", f"{functions}/aliases", {"Name": "live", "FunctionVersion": "1"})
    _, of_alias, _ = await invoke(ministack, "executed", "Qualifier=live")
    _, of_latest, _ = await invoke(ministack, "executed")
    assert of_alias["x-amz-executed-version"] == "1"
    assert of_latest["x-amz-executed-version"] == "$LATEST"


async def test_invoke_of_nobody_answers_404(ministack: MiniStack) -> None:
    """ResourceNotFoundException names the function."""
    status, _, answer = await invoke(ministack, "nobody")
    assert (status, answer["__type"]) == (404, "ResourceNotFoundException")
    assert "function:nobody" in answer["message"]
