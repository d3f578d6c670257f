"""The history of a run: what every device did and saw, one line of JSON a record, one file a process.

A process writes its own file and nothing else, so recording needs no lock and no network; whoever judges the
run reads all files afterwards. Times (`at`) are nanoseconds of CLOCK_MONOTONIC, which all processes of one
machine share; the `run` record that begins every file anchors them to the wall clock.

    history = History.create(directory)
    history.write(Run.begin(scenario="direct", workload=Workload.CLOSED, target="embedded"))
    history.write(Joined(device="u1.d1", user_id="u1", chat_id="dm:u1:u2", visible_after=0))
    history.write(Sent(device="u1.d1", chat_id="dm:u1:u2", id="01J..."))
    history.close()
"""

from __future__ import annotations

from .files import SUFFIX, History, HistoryDamaged, HistoryFile, Reader, files_of, read_run
from .records import (
    Acked,
    AnyRecord,
    Closed,
    Connected,
    Disconnected,
    Ended,
    Failed,
    Joined,
    Kind,
    Left,
    Measured,
    Record,
    Refused,
    Run,
    Sent,
    Shown,
    Slowed,
    Stored,
    StoredAll,
    Workload,
    now,
)

__all__ = [
    "SUFFIX",
    "Acked",
    "AnyRecord",
    "Closed",
    "Connected",
    "Disconnected",
    "Ended",
    "Failed",
    "History",
    "HistoryDamaged",
    "HistoryFile",
    "Joined",
    "Kind",
    "Left",
    "Measured",
    "Reader",
    "Record",
    "Refused",
    "Run",
    "Sent",
    "Shown",
    "Slowed",
    "Stored",
    "StoredAll",
    "Workload",
    "files_of",
    "now",
    "read_run",
]
