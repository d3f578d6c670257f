"""Following the functions' logs: each line once, in the order of their times."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from harness.logs import LogFollower

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_logs import CloudWatchLogsClient


@dataclass
class FakeLogs:
    """CloudWatch Logs in memory: events by log group."""

    groups: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def write(self, group: str, message: str, at: int) -> None:
        """Log a message at a time in milliseconds."""
        events = self.groups.setdefault(group, [])
        events.append({"eventId": f"{group}{len(events)}", "message": message, "timestamp": at})

    def get_paginator(self, operation: str) -> _Pages:
        """Page through an operation's answer."""
        return _Pages(self, operation)


@dataclass
class _Pages:
    logs: FakeLogs
    operation: str

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        if self.operation == "describe_log_groups":
            for name in self.logs.groups:
                if name.startswith(asked["logGroupNamePrefix"]):
                    yield {"logGroups": [{"logGroupName": name}]}
            return
        events = self.logs.groups[asked["logGroupName"]]
        yield {"events": [event for event in events if event["timestamp"] >= asked["startTime"]]}


def _lines(follower: LogFollower) -> list[tuple[str, str]]:
    return [(line.function, line.text) for line in follower.new_lines()]


def test_new_lines_come_once_and_in_order() -> None:
    """Lines of all functions, by their times, without Lambda's own and without what was before."""
    logs = FakeLogs()
    now = int(time.time() * 1000)
    logs.write("/aws/lambda/parley-sync", "before", now - 60_000)
    follower = LogFollower(cast("CloudWatchLogsClient", logs), "parley")
    logs.write("/aws/lambda/parley-sync", "second\n", now + 2_000)
    logs.write("/aws/lambda/parley-sync", "START RequestId: 1 Version: $LATEST", now + 1_000)
    logs.write("/aws/lambda/parley-connect", "first", now + 1_000)
    logs.write("/aws/lambda/other-connect", "another stack's", now + 1_000)
    assert _lines(follower) == [("connect", "first"), ("sync", "second")]
    assert _lines(follower) == []
    logs.write("/aws/lambda/parley-connect", "third", now + 3_000)
    assert _lines(follower) == [("connect", "third")]
