"""The fields that Logs Insights discovers in a log event: those of JSON, and of Lambda's own lines.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

Value = str | float
_MOST_FIELDS = 200
"""Of one event; what is beyond stays in its message."""

_LAMBDA_LINE = re.compile(r"(?P<type>START|END|REPORT) RequestId: (?P<requestId>[\w-]+)")
_LAMBDA_FIGURES = {
    "@duration": re.compile(r"\tDuration: ([\d.]+) ms"),
    "@billedDuration": re.compile(r"\tBilled Duration: ([\d.]+) ms"),
    "@initDuration": re.compile(r"\tInit Duration: ([\d.]+) ms"),
    "@memorySize": re.compile(r"\tMemory Size: ([\d.]+) MB"),
    "@maxMemoryUsed": re.compile(r"\tMax Memory Used: ([\d.]+) MB"),
}
_BYTES = frozenset({"@memorySize", "@maxMemoryUsed"})
_json = msgspec.json.Decoder()


def discovered(message: str) -> dict[str, Value]:
    """The fields of an event's message; none where it is neither JSON nor a line of Lambda's."""
    if message.lstrip().startswith("{"):
        return _of_json(message)
    if match := _LAMBDA_LINE.match(message):
        return {"@type": match["type"], "@requestId": match["requestId"], **_figures(message)}
    return {}


def _of_json(message: str) -> dict[str, Value]:
    try:
        members = _json.decode(message)
    except (msgspec.DecodeError, RecursionError):
        return {}
    fields: dict[str, Value] = {}
    for name, value in _flattened(members):
        if len(fields) == _MOST_FIELDS:
            break
        fields[name] = value
    return fields


def _flattened(value: Any, name: str = "") -> Iterator[tuple[str, Value]]:  # noqa: ANN401 - any JSON
    """Members by their paths, with dots; items of arrays by their numbers. True is 1, null is nothing."""
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _flattened(part, f"{name}.{key}" if name else str(key))
    elif value is not None:
        yield name, value if isinstance(value, str) else float(value)


def _figures(line: str) -> dict[str, Value]:
    """What a REPORT line measures: milliseconds and bytes."""
    found = {name: pattern.search(line) for name, pattern in _LAMBDA_FIGURES.items()}
    return {
        name: float(match[1]) * (1_000_000 if name in _BYTES else 1) for name, match in found.items() if match
    }
