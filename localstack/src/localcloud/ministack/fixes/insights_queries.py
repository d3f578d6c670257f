"""CloudWatch Logs: queries of Logs Insights see no fields of JSON lines, nor add up, and pass over filters.

Fault: MiniStack knows the fields of every event (``@message``, ...) alone, and no ``stats``; a filter that it
does not understand lets everything through. Here ``localcloud.cloudwatch.insights`` runs the query.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json, get_account_id
from ministack.services import cloudwatch_logs

from localcloud.cloudwatch.insights.commands import Table
from localcloud.cloudwatch.insights.discovery import discovered
from localcloud.cloudwatch.insights.expressions import MILLISECONDS, text
from localcloud.cloudwatch.insights.query import InvalidQueryError, parse
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localcloud.cloudwatch.insights.expressions import Fields

    Start = Callable[[Mapping[str, Any]], Any]

_OK = 200
_OF_EVENTS = ("@ptr", "@timestamp", "@message", "@logStream")


def _run(start: Start) -> Start:
    def start_query(request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack is untyped
        try:
            query = parse(request.get("queryString", ""))
        except InvalidQueryError as fault:
            return error_response_json("MalformedQueryException", str(fault), 400)
        status, headers, body = start({**request, "queryString": "limit 1"})
        if status == _OK:
            kept = cloudwatch_logs._queries[json.loads(body)["queryId"]]  # noqa: SLF001
            groups = cloudwatch_logs._resolve_query_log_groups(request)  # noqa: SLF001
            period = request.get("startTime", 0), request.get("endTime", int(time.time()))
            events = cloudwatch_logs._collect_query_records(groups, *period)  # noqa: SLF001
            results = query(Table([_fields(event) for event in events]))
            rows = results.rows[: int(request.get("limit", len(results.rows)))]
            columns = (*results.columns, "@ptr") if results.is_of_events else results.columns
            kept["results"] = [
                [{"field": name, "value": text(row[name])} for name in columns if name in row] for row in rows
            ]
            kept["queryString"] = request.get("queryString", "")
            kept["statistics"]["recordsMatched"] = float(len(results.rows))
        return status, headers, body

    return start_query


def _fields(event: Mapping[str, Any]) -> Fields:
    """An event's fields: those of every event, and those that are discovered in its message."""
    return {
        **discovered(event["@message"]),
        **{name: event[name] for name in _OF_EVENTS},
        "@log": f"{get_account_id()}:{event['@log']}",
        MILLISECONDS: float(event["_timestamp_ms"]),
    }


FIX = Fix(Patch(cloudwatch_logs, "_start_query", _run))
