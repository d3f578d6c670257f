"""What the conductor hands to whoever started it, beside the histories: the rows, and what was found out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .conductor import Conductor

OUTCOME: Final = "outcome.json"


class RowFigures(msgspec.Struct, frozen=True, rename="camel"):
    """A row of Locust's table, with percentiles from an HDR histogram; milliseconds."""

    name: str
    count: int
    failures: int
    p50: float
    p90: float
    p99: float
    p999: float
    maximum: float


class Outcome(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What came of a run, as far as its conductor knows."""

    rows: tuple[RowFigures, ...]
    findings: dict[str, Any]
    """What the scenario found out: `ramp`'s steps and knee."""
    failure: str = ""
    """Why the run is worth nothing; empty where it is."""
    interrupted: bool = False

    def without(self, unread: Mapping[str, Exception]) -> Self:
        """Give the outcome of a run after which these chats could not be read back, and why."""
        if self.failure or not unread:
            return self
        chat_id, reason = next(iter(unread.items()))
        failure = (
            f"What the service keeps of {len(unread)} chats could not be read back, so the run proves "
            f"nothing: {chat_id}: {reason}"
        )
        return msgspec.structs.replace(self, failure=failure)

    @classmethod
    def of(cls, conductor: Conductor) -> Self:
        """Sum a run up."""
        rows = (
            RowFigures(
                name,
                row.count,
                row.failures,
                *(row.percentile(percent) for percent in (50, 90, 99, 99.9, 100)),
            )
            for name, row in sorted(conductor.total.rows.items())
            if row.count or row.failures
        )
        return cls(
            rows=tuple(rows),
            findings=dict(conductor.findings),
            failure=conductor.failure,
            interrupted=conductor.interrupted,
        )


def write_outcome(path: Path, outcome: Outcome) -> None:
    """Write what `read_outcome` reads."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(outcome), indent=2) + b"\n")


def read_outcome(path: Path) -> Outcome | None:
    """Return what a conductor has written; None where it did not come to that."""
    return msgspec.json.decode(path.read_bytes(), type=Outcome) if path.exists() else None
