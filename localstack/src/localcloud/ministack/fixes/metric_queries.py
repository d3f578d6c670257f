"""CloudWatch: a query without dimensions adds up those of all dimensions, and misses its first minute.

Faults: an empty list of dimensions counts as none asked for, so values that were published under several sets
of dimensions are counted several times; and a start within a minute is not rounded down to it, as CloudWatch
does, so that the values of that minute, which carry its beginning, are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import cloudwatch

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

_MINUTE = 60


class _Dimensions(dict[str, str]):
    """Dimensions that are asked for, even where there are none."""

    def __bool__(self) -> bool:
        return True


def _exact(dimensions_from: Callable[..., dict[str, str]]) -> Callable[..., dict[str, str]]:
    return lambda listed: _Dimensions(dimensions_from(listed))


def _from_whole_minute(answer: Callable[..., Any]) -> Callable[..., Any]:
    def answer_from_whole_minute(parameters: object, body: dict[str, Any], *rest: object) -> Any:  # noqa: ANN401 - MiniStack is untyped
        start = cloudwatch._parse_ts(body.get("StartTime"))  # noqa: SLF001
        if start is not None:
            body = {**body, "StartTime": start // _MINUTE * _MINUTE}
        return answer(parameters, body, *rest)

    return answer_from_whole_minute


FIX = Fix(
    Patch(cloudwatch, "_dims_from_list", _exact),
    Patch(cloudwatch, "_get_metric_statistics", _from_whole_minute),
    Patch(cloudwatch, "_get_metric_data", _from_whole_minute),
)
