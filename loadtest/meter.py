"""Response times by row, in HDR histograms: each process sends what it has seen, one place adds it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from hdrh.histogram import HdrHistogram

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOWEST: Final = 1
_HIGHEST: Final = 600_000_000
"""Microseconds: ten minutes."""
_DIGITS: Final = 3
"""Significant digits that a percentile is exact to."""

Increment: TypeAlias = "dict[str, tuple[str, int]]"
"""By row: the times since the last increment, as an encoded histogram, and how many requests failed."""


class Row:
    """The requests of one name."""

    def __init__(self) -> None:
        """Count none yet."""
        self.times = HdrHistogram(_LOWEST, _HIGHEST, _DIGITS)
        self.failures = 0

    @property
    def count(self) -> int:
        """How many succeeded."""
        return int(self.times.get_total_count())

    def percentile(self, percent: float) -> float:
        """Return the milliseconds within which this share of the requests succeeded; 0 without any."""
        return float(self.times.get_value_at_percentile(percent)) / 1_000 if self.count else 0.0


class Meter:
    """The rows of one process, or of all."""

    def __init__(self) -> None:
        """Begin without rows."""
        self.rows: dict[str, Row] = {}

    def row(self, name: str) -> Row:
        """Return a row, empty where nothing of it was seen."""
        return self.rows.setdefault(name, Row())

    def note(self, name: str, milliseconds: float, *, failed: bool) -> None:
        """Take in one request."""
        row = self.row(name)
        if failed:
            row.failures += 1
        else:
            row.times.record_value(min(_HIGHEST, max(_LOWEST, round(milliseconds * 1_000))))

    def take(self) -> Increment:
        """Return everything, and begin anew."""
        rows, self.rows = self.rows, {}
        return {name: (row.times.encode().decode(), row.failures) for name, row in rows.items()}

    def include(self, other: Meter) -> None:
        """Take in what another meter of this process has."""
        for name, row in other.rows.items():
            mine = self.row(name)
            mine.times.add(row.times)
            mine.failures += row.failures

    def add(self, increment: Mapping[str, tuple[str, int]]) -> None:
        """Take in what a process has seen."""
        for name, (times, failures) in increment.items():
            row = self.row(name)
            row.times.decode_and_add(times)
            row.failures += failures
