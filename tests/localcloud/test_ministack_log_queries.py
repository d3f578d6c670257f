"""Searching logs in MiniStack: Logs Insights, and pages of FilterLogEvents; and its faults in both."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.in_process_aws import InProcessAws

_LOGS = "Logs_20140328."
NOW = int(time.time()) * 1_000


def log(ministack: MiniStack, group: str, *lines: dict[str, Any], at: int = NOW) -> None:
    """Write lines of JSON, all at one time."""
    ministack.append_logs(group, "stream", [(at, json.dumps(line)) for line in lines])


async def queried(aws: InProcessAws, group: str, query: str, **more: Any) -> list[dict[str, str]]:
    """The rows of a query of the last minute and the next."""
    period = {"startTime": NOW // 1_000 - 60, "endTime": NOW // 1_000 + 60}
    request = {"logGroupName": group, "queryString": query, **period, **more}
    started = await aws.target("logs", f"{_LOGS}StartQuery", request)
    answer = await aws.target("logs", f"{_LOGS}GetQueryResults", {"queryId": started["queryId"]})
    assert answer["status"] == "Complete"
    return [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]]


async def test_query_finds_and_counts_by_fields_of_json_lines(
    ministack: MiniStack, aws: InProcessAws
) -> None:
    """As Logs Insights discovers them; an event has a pointer to itself, its group the account's number."""
    log(ministack, "/queried", {"code": "internal", "ms": 7}, {"code": "ok", "ms": 3}, {"code": "internal"})
    assert await queried(aws, "/queried", "stats count(*) as n by code | sort n desc") == [
        {"code": "internal", "n": "2"},
        {"code": "ok", "n": "1"},
    ]
    (found,) = await queried(aws, "/queried", 'fields ms, @log | filter code = "internal" and ms > 1')
    assert (found["ms"], found["@log"]) == ("7", "000000000000:/queried")
    record = await aws.target("logs", f"{_LOGS}GetLogRecord", {"logRecordPointer": found["@ptr"]})
    assert json.loads(record["logRecord"]["@message"]) == {"code": "internal", "ms": 7}
    assert len(await queried(aws, "/queried", "fields ms", limit=2)) == 2


async def test_query_that_is_not_understood_is_refused(ministack: MiniStack, aws: InProcessAws) -> None:
    """Rather than answered as if it had said nothing."""
    log(ministack, "/refused", {"code": "ok"})
    request = {"logGroupName": "/refused", "queryString": "parse @message 'a'", "startTime": 0, "endTime": 1}
    refused = await aws.target("logs", f"{_LOGS}StartQuery", request)
    assert refused["__type"].endswith("MalformedQueryException")
    assert "parse is not run here" in refused["message"]


async def test_query_unfixed_finds_everything_and_no_fields(ministack: MiniStack, aws: InProcessAws) -> None:
    """MiniStack alone passes over the filter."""
    from localcloud.ministack.fixes import insights_queries  # noqa: PLC0415 - after MiniStack is configured

    log(ministack, "/unfixed", {"code": "internal"}, {"code": "ok"})
    with insights_queries.FIX.undone():
        found = await queried(aws, "/unfixed", 'fields code | filter code = "internal"')
    assert [row["code"] for row in found] == ["", ""]


async def test_events_are_found_page_by_page_each_once(ministack: MiniStack, aws: InProcessAws) -> None:
    """Also where a page ends among events of one time, and one that has come meanwhile."""
    for second, numbers in enumerate((range(3), range(3, 8), range(8, 10))):
        log(ministack, "/paged", *({"n": number} for number in numbers), at=NOW + second)
    seen: list[int] = []
    request: dict[str, Any] = {"logGroupName": "/paged", "limit": 4}
    for page in range(4):
        answer = await aws.target("logs", f"{_LOGS}FilterLogEvents", request)
        seen += [json.loads(event["message"])["n"] for event in answer["events"]]
        if page == 1:
            log(ministack, "/paged", {"n": 10}, at=NOW + 5)
        if "nextToken" not in answer:
            break
        request["nextToken"] = answer["nextToken"]
    assert seen == list(range(11))
    refused = await aws.target("logs", f"{_LOGS}FilterLogEvents", {**request, "nextToken": "nonsense"})
    assert refused["__type"].endswith("InvalidParameterException")


@pytest.mark.parametrize("limit", [None, 2])
async def test_events_that_fit_one_page_are_all_without_a_token(
    ministack: MiniStack, aws: InProcessAws, limit: int | None
) -> None:
    """With and without a limit, from a start on."""
    group = f"/whole-{limit}"
    log(ministack, group, {"n": 0}, at=NOW - 1)
    log(ministack, group, {"n": 1}, {"n": 2})
    request = {"logGroupName": group, "startTime": NOW} | ({} if limit is None else {"limit": limit})
    answer = await aws.target("logs", f"{_LOGS}FilterLogEvents", request)
    assert len(answer["events"]) == 2
    assert "nextToken" not in answer


async def test_events_unfixed_end_with_the_first_page(ministack: MiniStack, aws: InProcessAws) -> None:
    """MiniStack alone says nothing of the rest."""
    from localcloud.ministack.fixes import log_event_pages  # noqa: PLC0415 - after MiniStack is configured

    log(ministack, "/unpaged", {"n": 0}, {"n": 1})
    with log_event_pages.FIX.undone():
        answer = await aws.target("logs", f"{_LOGS}FilterLogEvents", {"logGroupName": "/unpaged", "limit": 1})
    assert len(answer["events"]) == 1
    assert "nextToken" not in answer
