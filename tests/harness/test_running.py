"""What `up` leaves behind: noted, found again, refused a second time, forgotten when it is gone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from harness import embedded, processes
from harness.__main__ import main
from harness.errors import HarnessError
from harness.local_files import LocalFiles
from harness.progress import Progress
from harness.state import Running, read_running, write_running
from harness.targets import target_named
from harness.up import Options, bring_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAITING = "import sys; print(flush=True); sys.stdin.read()"


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    """An empty folder for a local target."""
    return LocalFiles(tmp_path)


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that lives until it is told to end, marked as localcloud's is."""
    command = [sys.executable, "-c", WAITING, "localcloud"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True) as started:
        _wait_for_a_line(started)
        yield started
        started.kill()


def _wait_for_a_line(process: subprocess.Popen[bytes]) -> None:
    """Linux shows a command line only a moment after the program has been started."""
    assert process.stdout is not None
    process.stdout.readline()


def test_read_running_nothing_noted_gives_none(files: LocalFiles) -> None:
    """Nothing is up."""
    assert read_running(files.state) is None


def test_read_running_process_lives_gives_the_note(files: LocalFiles, child: subprocess.Popen[bytes]) -> None:
    """What was noted is found again."""
    running = Running("embedded", 4566, child.pid)
    write_running(files.state, running)
    assert read_running(files.state) == running


def test_read_running_process_ended_forgets_the_note(
    files: LocalFiles, child: subprocess.Popen[bytes]
) -> None:
    """A note that outlived its process stands in nobody's way."""
    write_running(files.state, Running("embedded", 4566, child.pid))
    child.kill()
    child.wait()
    assert read_running(files.state) is None
    assert not files.state.exists()


def test_read_running_process_id_used_again_forgets_the_note(files: LocalFiles) -> None:
    """Another program with the same id is not ours to stop."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", WAITING], stdin=pipe, stdout=pipe) as stranger:
        _wait_for_a_line(stranger)
        write_running(files.state, Running("embedded", 4566, stranger.pid))
        assert read_running(files.state) is None
        stranger.kill()


def test_read_running_unreadable_note_is_forgotten(files: LocalFiles) -> None:
    """Half a note, as after a full disk, says nothing."""
    files.state.write_text('{"target": "emb')
    assert read_running(files.state) is None


def test_end_process_that_obeys_ends_it(child: subprocess.Popen[bytes]) -> None:
    """A process that ends when asked is not killed."""
    assert processes.end(child.pid, "localcloud")
    assert child.wait(5) == -15


def test_start_port_taken_says_so(files: LocalFiles) -> None:
    """Nothing is started where something listens already."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(HarnessError, match=rf"Port {port} is taken: .* --port"):
            embedded.start(port, files)


def test_wait_until_ready_child_died_gives_its_last_words(files: LocalFiles) -> None:
    """The user reads why, and where the rest is."""
    files.log.write_text(
        "reading tables\nThe data directory is corrupt: `nox -s down -- --clean` removes it.\n"
    )
    with subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]) as died:
        died.wait()
        with pytest.raises(
            HarnessError, match=r"status 3; the last line of .*: The data directory is corrupt"
        ):
            embedded.wait_until_ready(died, target_named("embedded", port=1), files)


def test_blaming_its_end_child_died_says_so_in_place_of_the_failed_call(files: LocalFiles) -> None:
    """Not that nothing answers, but why."""
    files.log.write_text("dynoxide ended unexpectedly\n")
    with (
        subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"]) as died,
        pytest.raises(HarnessError, match=r"ended with status 1; .*: dynoxide ended unexpectedly"),
        embedded.blaming_its_end(died, files),
    ):
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")


def test_blaming_its_end_child_lives_leaves_the_fault_alone(
    files: LocalFiles, child: subprocess.Popen[bytes]
) -> None:
    """A fault of another kind keeps its own message."""
    with pytest.raises(ConnectTimeoutError), embedded.blaming_its_end(child, files):
        raise ConnectTimeoutError(endpoint_url="http://127.0.0.1:1")


def test_bring_up_second_time_is_refused(files: LocalFiles, child: subprocess.Popen[bytes]) -> None:
    """One sentence that says where it is, and what runs goes on running."""
    write_running(files.state, Running("embedded", 4599, child.pid))
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that nothing starts should it not be refused
        target = target_named("embedded", port=taken.getsockname()[1])
        with pytest.raises(HarnessError, match="is up already: embedded on port 4599"):
            bring_up(Options(target, files=files), Progress())
    assert child.poll() is None


def test_main_harness_error_is_one_sentence_and_a_failing_exit(capsys: pytest.CaptureFixture[str]) -> None:
    """No stack trace: the sentence, and 1."""
    assert main(["deploy", "--env", "qa"]) == 1
    refused = capsys.readouterr().err
    assert refused == "There is no environment 'qa': choose one of dev, prod, staging.\n"


def test_down_stops_what_up_left(
    files: LocalFiles, child: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    """The process ends, the note goes, the data stay."""
    write_running(files.state, Running("embedded", 4599, child.pid))
    files.data.mkdir()
    assert main(["down", "--directory", str(files.folder)]) == 0
    assert child.wait(5) == -15
    assert not files.state.exists()
    assert files.data.exists()
    assert capsys.readouterr().out == "Parley is down.\n"


def test_down_clean_forgets_the_data(files: LocalFiles) -> None:
    """Also where nothing is up."""
    files.data.mkdir()
    assert main(["down", "--clean", "--directory", str(files.folder)]) == 0
    assert not files.folder.exists()


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells a child of its parent's end"
)
def test_end_with_parent_parent_killed_ends_the_child() -> None:
    """Not even a kill -9 leaves what it started behind."""
    script = """
import signal, subprocess, sys
from harness import processes
waiting = [sys.executable, "-c", "import signal; print(flush=True); signal.pause()"]
child = subprocess.Popen(
    waiting, stdout=subprocess.PIPE, start_new_session=True, preexec_fn=processes.end_with_parent()
)
child.stdout.readline()
print(child.pid, flush=True)
signal.pause()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process_id = int(parent.stdout.readline())
        parent.kill()
    try:
        deadline = time.monotonic() + 20
        while processes.is_running(process_id, "signal.pause"):
            assert time.monotonic() < deadline, "the child lives on"
    finally:
        if processes.is_running(process_id, "signal.pause"):
            os.kill(process_id, signal.SIGKILL)
