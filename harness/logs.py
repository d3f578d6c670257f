"""Follows what the stack's functions log, through CloudWatch Logs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_logs import CloudWatchLogsClient

_PLATFORM_LINES = ("INIT_START", "START RequestId", "END RequestId", "REPORT RequestId")
"""Lambda's own lines, one set an invocation; `aws logs tail` has them."""
_LOOK_BACK_MS = 5_000
"""How long after its time an event may still turn up."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that a function logged."""

    at: float
    """Seconds since the epoch."""
    function: str
    text: str


class LogFollower:
    """Reads each new event of every function of a stack once, in the order of their times."""

    def __init__(self, logs: CloudWatchLogsClient, stack_name: str) -> None:
        """Follow a stack's functions from now on."""
        self._logs = logs
        self._prefix = f"/aws/lambda/{stack_name}-"
        self._since = int(time.time() * 1000)
        self._seen: dict[str, int] = {}

    def new_lines(self) -> list[LogLine]:
        """What was logged since the last time."""
        start = max(self._since, int(time.time() * 1000) - _LOOK_BACK_MS)
        lines = [line for group in self._groups() for line in self._new_in(group, start)]
        self._seen = {event: at for event, at in self._seen.items() if at >= start - _LOOK_BACK_MS}
        return sorted(lines, key=lambda line: line.at)

    def _groups(self) -> Iterator[str]:
        for page in self._logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=self._prefix):
            for group in page["logGroups"]:
                yield group["logGroupName"]

    def _new_in(self, group: str, start: int) -> Iterator[LogLine]:
        events = self._logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=start)
        for page in events:
            for event in page["events"]:
                message, at = event["message"].rstrip(), event["timestamp"]
                if event["eventId"] in self._seen or message.startswith(_PLATFORM_LINES):
                    continue
                self._seen[event["eventId"]] = at
                yield LogLine(at / 1000, group.removeprefix(self._prefix), message)
