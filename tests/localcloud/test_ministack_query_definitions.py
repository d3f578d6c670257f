"""Saved queries of CloudWatch Logs Insights in MiniStack: put, listed, deleted, deployed and kept."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws, Template

_LOGS = "Logs_20140328."
_DEADLINE_SECONDS = 60.0


async def listed(aws: InProcessAws, prefix: str) -> list[dict[str, Any]]:
    """The definitions whose names begin so."""
    request = {"queryDefinitionNamePrefix": prefix}
    answer = await aws.target("logs", f"{_LOGS}DescribeQueryDefinitions", request)
    return list(answer["queryDefinitions"])


def template(text: str) -> Template:
    """A saved query."""
    properties = {"Name": "deployed/errors", "QueryString": text, "LogGroupNames": ["/aws/lambda/a"]}
    return {"Resources": {"Query": {"Type": "AWS::Logs::QueryDefinition", "Properties": properties}}}


async def test_query_is_deployed_changed_in_place_and_deleted(aws: InProcessAws) -> None:
    """By its stack."""
    assert await aws.deploy("queries", template("fields @message")) == "CREATE_COMPLETE"
    (first,) = await listed(aws, "deployed/")
    assert (first["queryString"], first["logGroupNames"]) == ("fields @message", ["/aws/lambda/a"])
    assert await aws.deploy("queries", template("fields @log")) == "UPDATE_COMPLETE"
    (second,) = await listed(aws, "deployed/")
    assert second["queryString"] == "fields @log"
    assert second["queryDefinitionId"] == first["queryDefinitionId"]
    await aws.delete("queries")
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while await listed(aws, "deployed/"):
        assert time.monotonic() < deadline
        await asyncio.sleep(0)


async def test_query_unfixed_is_not_deployed(aws: InProcessAws) -> None:
    """MiniStack alone has no such resource."""
    from localcloud.ministack.fixes import query_definitions  # noqa: PLC0415 - after MiniStack is configured

    with query_definitions.FIX.undone():
        assert "Unrecognized resource types" in await aws.deploy("queries-unfixed", template("fields @log"))


async def test_query_is_put_by_hand_and_refused_without_a_text(aws: InProcessAws) -> None:
    """As the console does."""
    request = {"name": "by-hand/slow", "queryString": "fields @timestamp"}
    made = await aws.target("logs", f"{_LOGS}PutQueryDefinition", request)
    changed = {**request, **made, "queryString": "fields @duration"}
    assert await aws.target("logs", f"{_LOGS}PutQueryDefinition", changed) == made
    assert [found["queryString"] for found in await listed(aws, "by-hand/")] == ["fields @duration"]
    refused = await aws.target("logs", f"{_LOGS}PutQueryDefinition", {"name": "by-hand/none"})
    assert refused["__type"] == "InvalidParameterException"
    assert await aws.target("logs", f"{_LOGS}DeleteQueryDefinition", made) == {"success": True}
    assert await aws.target("logs", f"{_LOGS}DeleteQueryDefinition", made) == {"success": False}


async def test_query_is_in_what_is_saved(aws: InProcessAws) -> None:
    """So it is there after a restart, whichever of the two ways it was saved."""
    from ministack.services import cloudwatch_logs  # noqa: PLC0415 - after MiniStack is configured

    from localcloud.ministack import logs  # noqa: PLC0415 - after MiniStack is configured

    await aws.target("logs", f"{_LOGS}PutQueryDefinition", {"name": "saved/q", "queryString": "fields @log"})
    for state in (cloudwatch_logs.get_state(), logs.state_without_events()):
        kept = state["query_definitions"]._data  # noqa: SLF001
        assert "saved/q" in {found["name"] for found in kept.values()}
