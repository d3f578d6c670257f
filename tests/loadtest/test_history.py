"""The history: records come back as they were written, also from a process that was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from loadtest.history import (
    Acked,
    Closed,
    Ended,
    History,
    HistoryDamaged,
    HistoryFile,
    Joined,
    Kind,
    Measured,
    Run,
    Sent,
    Shown,
    Workload,
    files_of,
)

if TYPE_CHECKING:
    from pathlib import Path

_KILLED = """
import os, signal, sys
from pathlib import Path
from loadtest.history import History, Sent
history = History(Path(sys.argv[1]))
history.write(Sent(at=1, device="d", chat_id="c", id="first"))
history.flush()
history.write(Sent(at=2, device="d", chat_id="c", id="second"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_history_read_gives_what_was_written(tmp_path: Path) -> None:
    """Every kind of record survives the way through the file, in order."""
    written = [
        Run.begin("direct", Workload.OPEN, "embedded", {"users": 2, "rate": 1.5, "target": None}),
        Joined(device="d", user_id="u", chat_id="c", visible_after=3),
        Sent(device="d", chat_id="c", id="m"),
        Acked(device="d", chat_id="c", id="m", seq=4),
        Shown(device="d", chat_id="c", id="m", seq=4, sender_id="u"),
        Measured(kind=Kind.ACK, intended=1, start=2),
        Ended(device="d", waited_since=None, cursors={"c": 4}),
    ]
    history = History.create(tmp_path)
    for record in written:
        history.write(record)
    history.close()
    (file,) = files_of(tmp_path)
    *read, last = file.records()
    assert read == written
    assert isinstance(last, Closed)
    assert not file.torn


def test_history_flushes_by_itself_after_a_second(tmp_path: Path) -> None:
    """What was recorded is not kept from the file for long while records keep coming."""
    path = tmp_path / "h"
    history = History(path)
    history.write(Sent(at=0, device="d", chat_id="c", id="a"))
    assert not path.read_bytes()
    history.write(Sent(device="d", chat_id="c", id="b", at=1 << 62))
    assert len(path.read_bytes().splitlines()) == 2


def test_history_of_killed_process_keeps_what_was_flushed(tmp_path: Path) -> None:
    """Only what was in memory is gone, and the missing end tells that something may be."""
    path = tmp_path / "h"
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(path)], check=False, env={**os.environ, "PYTHONPATH": "."}
    )
    assert killed.returncode == -signal.SIGKILL
    assert list(HistoryFile(path).records()) == [Sent(at=1, device="d", chat_id="c", id="first")]


def test_history_with_torn_last_line_is_read_up_to_there(tmp_path: Path) -> None:
    """A process killed in the middle of a write leaves half a line: it is told, and nothing else suffers."""
    path = tmp_path / "h"
    history = History(path)
    history.write(Sent(at=1, device="d", chat_id="c", id="a"))
    history.write(Sent(at=2, device="d", chat_id="c", id="b"))
    history.flush()
    path.write_bytes(path.read_bytes()[:-9])
    file = HistoryFile(path)
    assert [record.at for record in file.records()] == [1]
    assert file.torn


def test_history_with_damaged_line_is_refused(tmp_path: Path) -> None:
    """A verdict over half of what happened would be none: file and line are named."""
    path = tmp_path / "h"
    path.write_bytes(b'{"record":"sent"}\n{"record":"closed","at":1}\n')
    with pytest.raises(HistoryDamaged, match="line 1"):
        list(HistoryFile(path).records())


def test_directory_without_history_is_refused(tmp_path: Path) -> None:
    """A run of which nothing is known is not one without violations."""
    with pytest.raises(HistoryDamaged, match="no history"):
        files_of(tmp_path)


def test_processes_of_one_machine_share_a_clock() -> None:
    """So their times may be subtracted from each other."""
    asked = [
        sys.executable,
        "-c",
        "from loadtest.history import Run, Workload as W; print(Run.begin('', W.OPEN, '').clock)",
    ]
    other = subprocess.run(
        asked, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": "."}
    )
    assert other.stdout.strip() == Run.begin("", Workload.OPEN, "").clock
