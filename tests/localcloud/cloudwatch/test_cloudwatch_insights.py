"""Queries of Logs Insights: the fields that are discovered, and what each command makes of the events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.cloudwatch.insights.commands import Table
from localcloud.cloudwatch.insights.discovery import discovered
from localcloud.cloudwatch.insights.expressions import MILLISECONDS, text, time_text
from localcloud.cloudwatch.insights.query import InvalidQueryError, parse

if TYPE_CHECKING:
    from localcloud.cloudwatch.insights.expressions import Fields

NOON = 1_795_262_400_000
LINES = [
    {"event": "invocation", "outcome": "ok", "action": "sendMessage", "durationMs": 12.5},
    {"event": "invocation", "outcome": "internal", "action": "sendMessage", "durationMs": 300},
    {"event": "invocation", "outcome": "internal", "action": "sync", "durationMs": 7},
    {"event": "started", "cold": True, "at": {"zone": ["a", "b"]}, "nothing": None},
]


def events(*lines: dict[str, Any]) -> list[Fields]:
    """One event a second, from noon on."""
    return [
        {
            **discovered(json.dumps(line)),
            "@timestamp": time_text(NOON + number * 1_000),
            "@message": json.dumps(line),
            MILLISECONDS: float(NOON + number * 1_000),
        }
        for number, line in enumerate(lines or LINES)
    ]


def results(query: str, *lines: dict[str, Any]) -> list[tuple[str, ...]]:
    """A query's rows, as texts; a value that is not there is empty."""
    table = parse(query)(Table(events(*lines)))
    return [tuple(text(row[name]) if name in row else "" for name in table.columns) for row in table.rows]


def test_fields_of_json_are_found_by_their_paths() -> None:
    """Items of arrays by their numbers; a truth is 1, null is no field."""
    assert discovered(json.dumps(LINES[3])) == {
        "event": "started",
        "cold": 1.0,
        "at.zone.0": "a",
        "at.zone.1": "b",
    }
    assert len(discovered(json.dumps({f"f{number}": number for number in range(300)}))) == 200


@pytest.mark.parametrize("message", ["", "text", "{broken", "[1]", "null"])
def test_message_that_is_no_json_object_has_no_fields(message: str) -> None:
    """Nor has one that only begins like one."""
    assert discovered(message) == {}


def test_fields_of_lambdas_lines_are_its_measurements() -> None:
    """Milliseconds and bytes."""
    parts = ["REPORT RequestId: 1f-2", "Duration: 1.50 ms", "Billed Duration: 2 ms", "Memory Size: 512 MB"]
    line = "\t".join([*parts, "Max Memory Used: 60 MB", "Init Duration: 310.25 ms"])
    assert discovered(line) == {
        "@type": "REPORT",
        "@requestId": "1f-2",
        "@duration": 1.5,
        "@billedDuration": 2,
        "@memorySize": 512_000_000,
        "@maxMemoryUsed": 60_000_000,
        "@initDuration": 310.25,
    }
    assert discovered("START RequestId: 1f-2 Version: $LATEST")["@type"] == "START"


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        ('outcome = "internal"', [1, 2]),
        ("outcome != 'internal'", [0]),
        ('event = "invocation" and outcome != "ok"', [1, 2]),
        ('action = "sync" or durationMs > 100', [1, 2]),
        ('not (action = "sync" or durationMs > 100)', [0, 3]),
        ("durationMs >= 7 and durationMs < 12.6", [0, 2]),
        ("ispresent(durationMs)", [0, 1, 2]),
        ("not ispresent(durationMs)", [3]),
        ("isempty(outcome)", [3]),
        ("action like /^send/", [0, 1]),
        ("action like /^SEND/i", [0, 1]),
        ('action like "end"', [0, 1]),
        ("action =~ /c$/", [2]),
        ("action not like /^send/", [2, 3]),
        ('action in ["sync", "other"]', [2]),
        ("cold = 1", [3]),
        ("`at.zone.1` = 'b'", [3]),
        (f"toMillis(@timestamp) > {NOON + 1_000}", [2, 3]),
    ],
)
def test_filter_keeps_events_of_whom_the_condition_holds(condition: str, numbers: list[int]) -> None:
    """Numbers compare as numbers; what is not there compares to nothing."""
    found = results(f"fields @timestamp | filter {condition} | sort @timestamp asc")
    assert found == [(time_text(NOON + number * 1_000),) for number in numbers]


def test_events_come_newest_first_unless_the_query_says_otherwise() -> None:
    """With the time and the message where it names no fields."""
    assert [row[1] for row in results('filter event = "invocation"')] == [
        json.dumps(line) for line in reversed(LINES[:3])
    ]
    assert results("fields durationMs | sort durationMs desc | limit 2") == [("300",), ("12.5",)]
    assert results("fields durationMs | sort durationMs")[-1] == ("",)
    assert results("fields action as what | sort outcome, durationMs desc | limit 1") == [("sendMessage",)]


def test_stats_compute_of_the_events_of_each_group() -> None:
    """Counts of events and of fields, sums and percentiles, by one field or more."""
    computed = "count(*) as calls, sum(durationMs), pct(durationMs, 99) as p99"
    query = f'filter event = "invocation" | stats {computed} by outcome'
    assert results(f"{query} | sort calls desc") == [
        ("internal", "2", "307", "300"),
        ("ok", "1", "12.5", "12.5"),
    ]
    assert results("stats count(durationMs), count(), count_distinct(outcome)") == [("3", "4", "2")]
    assert results(
        "stats avg(durationMs) as a, min(durationMs) as b, max(durationMs) as c by action | sort b"
    ) == [
        ("sync", "7", "7", "7"),
        ("sendMessage", "156.25", "12.5", "300"),
        ("", "", "", ""),
    ]
    assert results("stats count(*) by bin(2s) | sort `bin(2s)`") == [
        (time_text(NOON), "2"),
        (time_text(NOON + 2_000), "2"),
    ]


def test_stats_of_no_events_are_one_row_or_none() -> None:
    """A count of nothing is 0; there are no groups of nothing."""
    assert results("filter event = 'never' | stats count(*), max(durationMs)") == [("0", "")]
    assert results("filter event = 'never' | stats count(*) by action") == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "ends too early"),
        ("fields", "ends too early"),
        ("parse @message 'a *' as b", "command parse is not run here"),
        ("filter action", "comparison"),
        ("filter action = ", "ends too early"),
        ("filter action like 7", "pattern"),
        ("filter action like /(/", "malformed"),
        ("stats median(durationMs)", "median is not computed"),
        ("stats sum() by action", "field that sum is of"),
        ("fields strlen(action)", "strlen is not computed"),
        ("stats count(*) by bin(5y)", "unit"),
        ("fields action action", "end of the query"),
        ("filter a = ~", "malformed at"),
        ("limit many", "number"),
    ],
)
def test_query_beyond_what_is_run_is_refused_with_what_to_write(query: str, message: str) -> None:
    """Rather than passed over, as if it had found everything."""
    with pytest.raises(InvalidQueryError, match=message):
        parse(query)
