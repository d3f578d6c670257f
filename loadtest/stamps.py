"""The stamp at the head of each text: when a message was due and when it was sent, and by which clock.

A receiver on the same machine subtracts it from its own time, in whichever process it runs: CLOCK_MONOTONIC
is one clock for all processes of a machine. A stamp of another machine's clock says nothing here, so such a
delivery is recorded but not timed. The protocol carries texts as they are, so the stamp costs it nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

_TEXT: Final = (
    "so we meet at the station then and bring what is left of the cake unless it rains in which case "
    "I would rather stay here did you hear what she said about the new place on the corner"
)
_WORDS: Final = _TEXT.split()


@dataclass(frozen=True, slots=True)
class Stamp:
    """A message's times: nanoseconds of the clock of that name."""

    clock: str
    due: int
    sent: int


def clock_name() -> str:
    """Name the clock of this machine's processes, the same for all of them and another after a restart."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    identity = boot.read_text() if boot.exists() else str(Path.home())
    return hashlib.sha256(identity.encode()).hexdigest()[:8]


def stamped(stamp: Stamp, random: Random) -> str:
    """Return a text of a few words, as people write, behind its stamp."""
    words = random.choices(_WORDS, k=random.randint(2, 20))
    return " ".join((f"{stamp.clock}.{stamp.due}.{stamp.sent}", *words))


def read_stamp(text: str) -> Stamp | None:
    """Return a text's stamp; None where it has none."""
    parts = text.partition(" ")[0].split(".")
    if len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):  # noqa: PLR2004 - as written above
        return None
    return Stamp(parts[0], int(parts[1]), int(parts[2]))
