"""Percentiles of latencies, by HDR histograms: exact to three digits from a microsecond to an hour.

http://hdrhistogram.org: `histogram` is in its V2 format, compressed, in base64; its tools read it.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from hdrh.histogram import HdrHistogram

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LONGEST = 3_600_000_000
_DIGITS = 3


class Latency(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How long something took; milliseconds."""

    p50: float
    p90: float
    p99: float
    p999: float
    maximum: float
    mean: float
    histogram: str

    @classmethod
    def of(cls, milliseconds: Iterable[float]) -> Latency | None:
        """Count values; None where there are none."""
        histogram = HdrHistogram(1, _LONGEST, _DIGITS)
        for value, count in Counter(round(value * 1_000) for value in milliseconds).items():
            histogram.record_value(min(max(1, value), _LONGEST), count)
        if not histogram.get_total_count():
            return None
        at = histogram.get_value_at_percentile
        return cls(
            p50=at(50) / 1_000,
            p90=at(90) / 1_000,
            p99=at(99) / 1_000,
            p999=at(99.9) / 1_000,
            maximum=histogram.get_max_value() / 1_000,
            mean=round(histogram.get_mean_value() / 1_000, 3),
            histogram=histogram.encode().decode(),
        )

    def curve(self) -> list[tuple[float, float]]:
        """Return what percent of the requests were faster than which duration, in ascending order."""
        histogram = HdrHistogram.decode(self.histogram)
        total, faster = histogram.get_total_count(), 0
        found = []
        for index, count in enumerate(histogram.counts):
            if count:
                value = histogram.get_highest_equivalent_value(histogram.get_value_from_index(index))
                found.append((100 * faster / total, value / 1_000))
                faster += count
        return found


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest of the values, in ascending order, that so many percent of them do not exceed."""
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]
