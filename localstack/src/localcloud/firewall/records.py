"""What a web ACL leaves behind of a request: a line of its log, and its metrics.

https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html
https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localcloud.cloudwatch.metrics import STANDARD_RESOLUTION, DataPoint, Metric
from localcloud.firewall.web_acls import Action

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localcloud.firewall.requests import WebRequest
    from localcloud.firewall.web_acls import Judgement, WebAcl

_NAMESPACE = "AWS/WAFV2"
_METRICS = {
    Action.ALLOW: "AllowedRequests",
    Action.BLOCK: "BlockedRequests",
    Action.COUNT: "CountedRequests",
}
_DEFAULT = "Default_Action"
_ALL = "ALL"
_REDACTED = "REDACTED"


def log_line(
    judgement: Judgement,
    acl: WebAcl,
    request: WebRequest,
    settings: Mapping[str, Any],
    distribution_id: str,
    now_ms: int,
) -> str | None:
    """The line of a web ACL's log; None where its logging configuration does not want this request's.

    Args:
        judgement: what was said.
        acl: who said it.
        request: to what.
        settings: the logging configuration.
        distribution_id: what the request was sent to.
        now_ms: milliseconds since the epoch.
    """
    if not _is_wanted(judgement, settings.get("LoggingFilter")):
        return None
    line = {
        "timestamp": now_ms,
        "formatVersion": 1,
        "webaclId": acl.arn,
        "terminatingRuleId": judgement.rule.name if judgement.rule else _DEFAULT,
        "terminatingRuleType": judgement.rule.kind if judgement.rule else "REGULAR",
        "action": judgement.action.value,
        "httpSourceName": "CF",
        "httpSourceId": distribution_id,
        "nonTerminatingMatchingRules": [
            {"ruleId": rule.name, "action": rule.action.value} for rule in judgement.counted
        ],
        "httpRequest": _redacted(request, settings.get("RedactedFields", ())),
    }
    return json.dumps(line, separators=(",", ":"))


def metrics(judgement: Judgement, acl: WebAcl, now: float) -> list[DataPoint]:
    """What CloudWatch counts of it: each rule that matched, the default action, and all rules together."""
    if not acl.metric_name:
        return []
    decided = judgement.rule.metric_name if judgement.rule else _DEFAULT
    counted = [rule.metric_name for rule in judgement.counted]
    named = [(judgement.action, decided), (judgement.action, _ALL)]
    named += [(Action.COUNT, name) for name in (*counted, *([_ALL] if counted else []))]
    minute = int(now) // STANDARD_RESOLUTION * STANDARD_RESOLUTION
    return [
        DataPoint(
            Metric(_NAMESPACE, _METRICS[action], (("WebACL", acl.metric_name), ("Rule", name)), "Count"),
            minute,
            {1: 1},
        )
        for action, name in named
        if name
    ]


def _is_wanted(judgement: Judgement, chosen: Mapping[str, Any] | None) -> bool:
    """Whether a filter keeps a line: the first of its filters that is met decides, else its default."""
    if chosen is None:
        return True
    actions = {judgement.action.value} | {rule.action.value for rule in judgement.counted}
    for each in chosen["Filters"]:
        met = [
            condition.get("ActionCondition", {}).get("Action") in actions for condition in each["Conditions"]
        ]
        if all(met) if each["Requirement"] == "MEETS_ALL" else any(met):
            return bool(each["Behavior"] == "KEEP")
    return bool(chosen["DefaultBehavior"] == "KEEP")


def _redacted(request: WebRequest, fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    hidden = {part for field in fields for part in field}
    headers = {field["SingleHeader"]["Name"].lower() for field in fields if "SingleHeader" in field}
    return {
        "clientIp": request.client_ip,
        "country": "-",
        "headers": [
            {"name": name, "value": _REDACTED if name in headers else value}
            for name, value in request.headers.items()
        ],
        "uri": _REDACTED if "UriPath" in hidden else request.path,
        "args": _REDACTED if "QueryString" in hidden else request.query_string,
        "httpMethod": _REDACTED if "Method" in hidden else request.method,
    }
