"""`up` and `down` as commands: ready when back, refused where it cannot be, gone without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from e2e.support.bring_up import free_port
from e2e.support.localcloud import processes_on
from e2e.support.parley import reach
from harness import paths
from harness.local_files import LocalFiles
from harness.outputs import load_outputs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.embedded_only("it starts the embedded AWS itself")


def harness(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m harness` as nox's sessions do."""
    sources = (paths.ROOT, paths.ROOT / "handlers", paths.ROOT / "client", paths.LOCALSTACK / "src")
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        cwd=paths.ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(source) for source in sources)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


async def test_up_is_ready_when_back_and_refuses_a_second_until_down(folder: Path) -> None:
    """After `up` everything answers; another there, or on its port, is told why not; `down` ends it all."""
    first, second, port = folder / "first", folder / "second", str(free_port())
    try:
        up = harness("up", "--detach", "--directory", str(first), "--port", port)
        assert up.returncode == 0, up.stderr
        async with reach(load_outputs(LocalFiles(first).outputs)) as parley:
            assert (await parley.rest.get("/users/me")).status_code == 401
        running = processes_on(folder)

        same_directory = harness("up", "--detach", "--directory", str(first), "--port", str(free_port()))
        same_port = harness("up", "--detach", "--directory", str(second), "--port", port)
        for refused in (same_directory, same_port):
            assert refused.returncode == 1
            assert port in refused.stderr
            assert refused.stderr.endswith(".\n")
            assert refused.stderr.count("\n") == 1, refused.stderr
        assert processes_on(folder) == running
    finally:
        down = harness("down", "--clean", "--directory", str(first))
    assert down.returncode == 0, down.stderr
    assert processes_on(folder) == []
    assert not first.exists()
