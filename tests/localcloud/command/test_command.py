"""The command line: start, status, faults, reset and down of one localcloud; one sentence for each error."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import localcloud
from localcloud.command import SUBCOMMANDS, main
from localcloud.control.client import ask_health
from localcloud.data_directory import DataDirectory
from localcloud.errors import LocalcloudError
from localcloud.faults.client import FaultsClient
from localcloud.faults.rules import Rule
from localcloud.interfaces import FaultEffect
from localcloud.testing import Localcloud
from tests.localcloud.command.support import answering, free_port, processes_on

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = Path(localcloud.__file__).parents[1]
EXAMPLE = Path(__file__).parents[3] / "examples" / "echo" / "template.yaml"
NAMES = [module.__name__.rpartition(".")[2] for module in SUBCOMMANDS]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project's folder, the current one; what a failed test leaves running on it is killed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(SOURCES))
    yield tmp_path
    data = DataDirectory(tmp_path / ".localcloud")
    if holder := data.holder():
        os.kill(holder.process_id, signal.SIGKILL)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must fail; give the one sentence that it says."""
    assert main(list(arguments)) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must succeed; give what it prints."""
    status = main(list(arguments))
    captured = capsys.readouterr()
    assert (status, captured.err) == (0, "")
    return captured.out


def run(*arguments: str) -> str:
    """Run a command that leaves a process running, in a process of its own; give what it prints."""
    command = [sys.executable, "-m", "localcloud", *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    return finished.stdout


def status(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What `status --json` prints."""
    return json.loads(said(capsys, "status", "--json", *arguments))


def test_commands_serve_the_life_of_a_localcloud(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One life, because each start takes two seconds: detached start, status, faults, logs, reset, down."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    started = run("start", "--detach", "--port", str(port))
    assert url in started
    assert ".localcloud/localcloud.log" in started
    data = DataDirectory(folder / ".localcloud")
    holder = data.holder()
    assert holder is not None
    assert holder.port == port

    assert status(capsys)["health"]["processId"] == holder.process_id
    assert status(capsys, "--port", str(port))["health"]["dataDirectory"] == str(data.path)
    plain = said(capsys, "status")
    assert f"localcloud is ready on {url}, process {holder.process_id}" in plain
    assert "none is on" in plain
    assert "\x1b" not in plain

    with FaultsClient(url) as faults:
        faults.add(Rule("dynamodb", "PutItem", FaultEffect.THROTTLE, resource="orders"))
        shown = said(capsys, "status")
        assert "1 FAULT IS ON" in shown
        assert "orders" in shown
        assert "throttle" in said(capsys, "faults", "list")
        faults.clear()

    assert "is in use" in refused(capsys, "start", "--detach", "--port", str(free_port()))
    assert "is taken" in refused(
        capsys, "start", "--detach", "--port", str(port), "--data-directory", "other"
    )

    running = Localcloud(url)
    function = running.deploy(EXAMPLE, "echo")["Function"]
    answer = running.client("lambda").invoke(FunctionName=function, Payload=b'{"body": "hello"}')
    assert json.load(answer["Payload"])["body"] == "hello"
    running.wait_for_log(function, "told hello")
    assert "told hello" in said(capsys, "logs", function)
    assert said(capsys, "logs", "another") == ""

    assert "--yes" in refused(capsys, "reset")
    assert run("reset", "--yes").startswith("The data in .localcloud are forgotten; localcloud is ready")
    assert running.client("lambda").list_functions()["Functions"] == []
    running.close()
    assert data.holder() not in {None, holder}

    assert "kept for the next start" in said(capsys, "down")
    assert data.control_plane.exists()
    assert processes_on(folder) == []
    assert "nothing ran" in said(capsys, "reset", "--yes")
    assert not data.path.exists()


@pytest.mark.parametrize("command", ["status", "logs", "down"])
def test_command_without_a_localcloud_says_that_none_runs(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By port and by data directory, with the way out."""
    complaint = refused(capsys, command, "--port", str(free_port()))
    assert "No localcloud runs on http://127.0.0.1:" in complaint
    assert "localcloud start" in complaint
    assert "runs on the data directory" in refused(capsys, command, "--data-directory", str(folder / "x"))


@pytest.mark.parametrize(
    "content",
    [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", b"SSH-2.0-OpenSSH_9.6\r\n"],
    ids=["http", "ssh"],
)
@pytest.mark.parametrize("command", ["status", "down"])
def test_command_on_another_programs_port_says_so(
    command: str, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """And leaves that program alone."""
    with answering(content) as port:
        assert "is not localcloud" in refused(capsys, command, "--port", str(port))


def test_port_that_says_nothing_is_not_taken_for_one_without_a_localcloud() -> None:
    """It may be one that hangs: `down` ends it."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(LocalcloudError, match="does not answer"),
    ):
        ask_health(f"http://127.0.0.1:{server.getsockname()[1]}", patience_seconds=0.05)


def test_reset_of_a_folder_without_data_touches_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong --data-directory is refused, not emptied."""
    (folder / "precious.txt").write_text("mine")
    assert "There are no data of localcloud" in refused(
        capsys, "reset", "--yes", "--data-directory", str(folder)
    )
    assert (folder / "precious.txt").read_text() == "mine"


@pytest.mark.parametrize("command", NAMES)
def test_help_of_each_command_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And says what the command does in its first paragraph."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"examples:\n  localcloud {command}" in capsys.readouterr().out
