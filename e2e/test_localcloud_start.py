"""Starting the embedded AWS where it cannot: one clear sentence, a non-zero exit, nothing left running."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from e2e.support import localcloud
from e2e.support.bring_up import free_port
from e2e.support.deadlines import eventually

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.embedded_only("these start localcloud themselves")


def refused_start(port: int, data_directory: Path, **variables: str) -> str:
    """Start a localcloud that must not start; give the sentence it says."""
    with localcloud.start(port, data_directory, **variables) as process:
        said, complaint = process.communicate(timeout=30)
    assert process.returncode > 0
    assert said == ""
    assert complaint.count("\n") == 1, complaint
    assert complaint.endswith(".\n"), complaint
    return complaint


async def test_start_on_a_taken_port_says_so_and_leaves_nothing(folder: Path) -> None:
    """The sentence names the port and the way out."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        complaint = refused_start(port, folder / "data")
    assert str(port) in complaint
    assert "--port" in complaint
    assert localcloud.processes_on(folder) == []


async def test_start_on_a_used_data_directory_says_so_and_disturbs_nobody(folder: Path) -> None:
    """The second localcloud on a directory ends; the first goes on, and ends without a trace when told to."""
    data = folder / "data"
    with localcloud.running(free_port(), data) as (first, target):
        before = localcloud.processes_on(folder)
        complaint = refused_start(free_port(), data)
        assert str(data) in complaint
        assert str(first.pid) in complaint
        assert localcloud.processes_on(folder) == before
        tables = target.session().client("dynamodb", endpoint_url=target.endpoint_url).list_tables()
        assert tables["TableNames"] == []
    assert first.returncode == 0
    assert localcloud.processes_on(folder) == []


async def test_start_on_corrupt_data_says_so_and_leaves_nothing(folder: Path) -> None:
    """Data that cannot be read back is not silently replaced by none."""
    data = folder / "data"
    with localcloud.running(free_port(), data):
        pass
    kept = [path for path in data.iterdir() if path.suffix == ".sqlite"]
    assert kept
    for path in kept:
        path.write_bytes(b"no database at all" * 1_000)
        complaint = refused_start(free_port(), data)
        assert str(data) in complaint
        assert path.read_bytes().startswith(b"no database at all")
        path.unlink()
    assert localcloud.processes_on(folder) == []


async def test_start_with_a_wrong_dynoxide_says_so(folder: Path) -> None:
    """The variable DYNOXIDE names a file that is not there."""
    complaint = refused_start(free_port(), folder / "data", DYNOXIDE=str(folder / "nothing"))
    assert f"There is no dynoxide at {folder / 'nothing'}" in complaint


async def test_end_by_kill_takes_its_children_along(folder: Path) -> None:
    """Killed without a chance to clean up, localcloud leaves no process behind."""
    with localcloud.running(free_port(), folder / "data") as (process, _):
        process.kill()
        process.wait()

        async def left() -> list[str]:
            return localcloud.processes_on(folder)

        await eventually(left, lambda processes: not processes)
