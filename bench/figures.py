"""The arithmetic of the comparison: percentiles, medians over rounds, ratios of rounds that ran in pairs."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share (0 to 1) of the values lies, between neighbours linearly.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("There is no percentile of nothing.")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass(frozen=True, slots=True)
class Pairs:
    """One quantity of two subjects, measured in turn: round n of the one beside round n of the other."""

    subject: tuple[float, ...]
    reference: tuple[float, ...]

    @property
    def subject_median(self) -> float:
        """The subject's median round."""
        return statistics.median(self.subject)

    @property
    def reference_median(self) -> float:
        """The reference's median round."""
        return statistics.median(self.reference)

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: what disturbs both sides of a round leaves its ratio alone."""
        return statistics.median(
            mine / other for mine, other in zip(self.subject, self.reference, strict=True)
        )
