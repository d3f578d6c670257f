"""Writing log events into MiniStack's CloudWatch Logs from inside the process."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cloudwatch_logs

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_EVENTS_A_STREAM = 10_000
"""MiniStack keeps every event in memory for ever; a stream beyond this forgets its oldest half."""

_SMALL_STATES = (
    "deliveries",
    "delivery_destinations",
    "delivery_sources",
    "destinations",
    "log_group_policies",
    "metric_filters",
    "query_definitions",
    "resource_policies",
)

_event_ids = itertools.count(time.time_ns())


def state_without_events() -> dict[str, Any]:
    """MiniStack's state of the service without streams and events, for saving often.

    The events of an evening are megabytes, and copying them would hold the event loop for tenths of a second.
    """
    groups = AccountRegionScopedDict()
    for key, group in list(cloudwatch_logs._log_groups._data.items()):  # noqa: SLF001
        groups._data[key] = {**group, "streams": {}}  # noqa: SLF001
    return {"log_groups": groups, **{name: getattr(cloudwatch_logs, f"_{name}") for name in _SMALL_STATES}}


def has_group(group: str) -> bool:
    """Whether a log group is there; call it within MiniStack's request scope."""
    return group in cloudwatch_logs._log_groups  # noqa: SLF001


def has_stream(group: str, stream: str) -> bool:
    """Whether a log stream is there; call it within MiniStack's request scope."""
    return has_group(group) and stream in cloudwatch_logs._log_groups[group]["streams"]  # noqa: SLF001


def append(group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
    """Append events (epoch ms, text), making the group and the stream when they are missing.

    Call it within MiniStack's request scope, which decides the account and the region.
    """
    if not events:
        return
    if group not in cloudwatch_logs._log_groups:  # noqa: SLF001
        cloudwatch_logs._create_log_group({"logGroupName": group})  # noqa: SLF001
    streams = cloudwatch_logs._log_groups[group]["streams"]  # noqa: SLF001
    if stream not in streams:
        cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})  # noqa: SLF001
    now = int(time.time() * 1000)
    stored = [
        {"timestamp": when, "message": text, "ingestionTime": now, "eventId": f"{next(_event_ids):056d}"}
        for when, text in events
    ]
    cloudwatch_logs._append_log_events(streams[stream], stored)  # noqa: SLF001
    kept = streams[stream]["events"]
    if len(kept) > MOST_EVENTS_A_STREAM:
        del kept[: MOST_EVENTS_A_STREAM // 2]
    cloudwatch_logs._fanout_to_subscription_filters(group, stream, stored)  # noqa: SLF001
    cloudwatch_logs._fanout_to_live_tail_sessions(group, stream, stored)  # noqa: SLF001
