"""The records of a name that several regions have, and which of the regions Route 53 would answer with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

SECONDARY = "SECONDARY"


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """What is asked of an API to know whether it is in order."""

    check_id: str
    api_id: str
    path: str
    """Percent-encoded, below the API."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record that leads to the API of one region."""

    region: str
    failover: str = ""
    """``PRIMARY`` or ``SECONDARY``; empty for a latency record."""
    health_check: HealthCheck | None = None
    evaluates_target: bool = False
    """Whether it counts as unhealthy while API Gateway is out of order in the region."""


def answer(records: Sequence[Record], healthy: Collection[Record], nearest_first: Sequence[str]) -> str:
    """The region of the record that is answered with.

    Where none is healthy, all of them count as healthy, as Route 53 has it.

    Args:
        records: all of the name, at least one, of one policy.
        healthy: those of them that are.
        nearest_first: every region of theirs, by its latency to who asks.
    """
    candidates = [record for record in records if record in healthy] or records
    best = min(candidates, key=lambda each: (each.failover == SECONDARY, nearest_first.index(each.region)))
    return best.region
