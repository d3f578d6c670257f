"""CloudWatch Logs: FilterLogEvents ends with its first 10,000 events, or the first `limit`.

Fault: MiniStack gives no nextToken and takes none, so what is beyond is never found. Here a page's token says
at which time the next begins, and how many of the events of that millisecond have been given.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import cloudwatch_logs

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Filter = Callable[[Mapping[str, Any]], Any]

_OK = 200
_MOST_EVENTS = 10_000


def _paged(find: Filter) -> Filter:
    def filter_log_events(request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack is untyped
        start, given = request.get("startTime"), 0
        if token := request.get("nextToken"):
            try:
                start, given = map(int, token.split("/"))
            except ValueError:
                return error_response_json(
                    "InvalidParameterException", "The specified nextToken is invalid.", 400
                )
        limit = min(request.get("limit", _MOST_EVENTS), _MOST_EVENTS)
        most = min(given + limit + 1, _MOST_EVENTS)
        asked = {key: value for key, value in request.items() if key not in {"startTime", "nextToken"}}
        status, headers, body = find(
            {**asked, "limit": most} | ({} if start is None else {"startTime": start})
        )
        if status != _OK:
            return status, headers, body
        answer = json.loads(body)
        found = answer["events"]
        if not given and len(found) <= limit and len(found) < most:
            return status, headers, body
        answer["events"] = page = found[given : given + limit]
        if page and len(found) == most:
            last = page[-1]["timestamp"]
            answer["nextToken"] = f"{last}/{_of_time(last, found[: given + limit])}"
        return json_response(answer)

    return filter_log_events


def _of_time(timestamp: int, events: Sequence[Mapping[str, Any]]) -> int:
    """How many events, of those from a page's start on, are of a time."""
    return sum(event["timestamp"] == timestamp for event in events)


FIX = Fix(Patch(cloudwatch_logs, "_filter_log_events", _paged))
