"""What a local target keeps on disk, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness import paths

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """Paths under one folder, .localcloud unless given."""

    folder: Path = paths.LOCAL

    @property
    def data(self) -> Path:
        """The embedded AWS's data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the embedded AWS printed since it was started."""
        return self.folder / "localcloud.log"

    @property
    def state(self) -> Path:
        """What runs, and where."""
        return self.folder / "state.json"

    @property
    def outputs(self) -> Path:
        """The stack's outputs, as a client on this machine must use them."""
        return self.folder / "outputs.json"

    @property
    def demo_users(self) -> Path:
        """The demo users' passwords."""
        return self.folder / "demo-users.json"
