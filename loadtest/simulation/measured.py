"""What a storm of real clients did: data that the simulation is held against."""

from __future__ import annotations

from pathlib import Path

import msgspec

FILE = Path(__file__).parent / "data" / "measured_storms.json"


class Phase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A storm: everybody at once."""

    seconds: tuple[float, ...]
    """From the beginning until each client was connected, the first first."""
    refused: dict[str, int]
    """How often a client was refused, by why."""


class Measured(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """One run."""

    command: str
    at: str
    cores: int
    clients: int
    connects_per_second: float
    came: Phase
    """Everybody opens a first connection."""
    returned: Phase
    """Everybody has lost it at one moment."""
    ticket_seconds: float
    """That each of as many tickets took the machine, asked for at once."""
    refusal_seconds: float
    """That each of as many refused upgrades took it, attempted at once."""


def load_measured(path: Path = FILE) -> tuple[Measured, ...]:
    """The runs of a file.

    Raises:
        msgspec.ValidationError: the file is not of this form.
    """
    return msgspec.json.decode(path.read_bytes(), type=tuple[Measured, ...])
