"""Has the embedded AWS run the stack's functions from a directory, so that saving a file is deploying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from harness.archive import list_tree
from harness.errors import HarnessError
from harness.resources import FUNCTION, resources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.targets import Target

_PATIENCE_SECONDS = 10.0


def run_from(target: Target, stack_name: str, directory: Path) -> None:
    """Have every function of a stack run the code of a directory from its next event on, anew at every save.

    The layers stay, and so does what is deployed: localcloud forgets the directory when it ends.

    Raises:
        HarnessError: localcloud refuses.
    """
    cloudformation = target.session().client("cloudformation", endpoint_url=target.endpoint_url)
    names = [name for (kind, _), name in resources(cloudformation, stack_name).items() if kind == FUNCTION]
    with httpx.Client(base_url=f"{target.endpoint_url}/_localcloud/", timeout=_PATIENCE_SECONDS) as control:
        for name in names:
            answer = control.put(f"code/{name}", json={"directory": str(directory.resolve())})
            if not answer.is_success:
                raise HarnessError(f"{name} cannot run from {directory}: {answer.text.strip()}")


class Saves:
    """Notices what is saved in a directory."""

    def __init__(self, directory: Path) -> None:
        """Notice what is saved from now on."""
        self._directory = directory
        self._known = self._times()

    def new(self) -> list[str]:
        """The names of the files that were saved, made or removed since the last time, sorted."""
        before, self._known = self._known, self._times()
        return sorted({name for name, _ in before.items() ^ self._known.items()})

    def _times(self) -> Mapping[str, int]:
        """When each file was last changed; bytecode and hidden files do not count."""
        times = {}
        for name, path in list_tree(self._directory):
            try:
                times[name] = path.stat().st_mtime_ns
            except FileNotFoundError:
                continue  # an editor's temporary file
        return times
