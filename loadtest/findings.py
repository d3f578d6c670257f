"""What a scenario found out, for people: a value by its name, or a table where it is a list of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Finding:
    """One of them, as one would say it."""

    name: str
    value: str
    columns: tuple[str, ...] = ()
    """Of the rows; none where there is but a value."""
    rows: tuple[tuple[str, ...], ...] = ()


def findings_of(found: Mapping[str, Any]) -> Iterator[Finding]:
    """Read what a scenario left in its summary."""
    for name, value in found.items():
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            columns = tuple(value[0])
            rows = tuple(tuple(plain(row.get(column)) for column in columns) for row in value)
            yield Finding(name, "", columns, rows)
        else:
            yield Finding(name, plain(value))


def plain(value: object) -> str:
    """Write a parameter or a finding as one would say it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return "not set" if value is None else str(value)
