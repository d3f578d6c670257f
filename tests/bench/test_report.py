"""What a run leaves behind: a table for people and JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.console import Console

from bench import report
from bench.budgets import EFFICIENCY, START, Result
from bench.subjects import Pace

if TYPE_CHECKING:
    from pathlib import Path

RESULTS = [
    Result(START, 1.25, "1.25 s; MiniStack 0.40 s", {"localcloud_s": [1.2, 1.25, 1.3]}),
    Result(EFFICIENCY, 0.5, "50/s; the loop 100/s", {"localcloud": (50.0,), "loop": (100.0,)}),
]


def test_table_says_of_each_budget_whether_it_is_kept() -> None:
    """Plain text where it is piped: a verdict is a word and not a colour alone."""
    console = Console(width=200)
    with console.capture() as printed:
        console.print(report.table(RESULTS))
    rows = [line for line in printed.get().splitlines() if "start" in line or "loop" in line]
    assert "<= 2 s" in rows[0]
    assert "1.25 s" in rows[0]
    assert "kept" in rows[0]
    assert "missed" in rows[1]


def test_json_holds_every_figure_and_where_it_was_measured(tmp_path: Path) -> None:
    """Runs can be compared only where versions, machine and pace are known."""
    path = tmp_path / "bench" / "results.json"
    report.write(path, RESULTS, Pace(rounds=3), ["realtime.yaml: A (AWS::B)"])
    written = json.loads(path.read_text())
    assert written["pace"]["rounds"] == 3
    assert written["leftOutOfMiniStack"] == ["realtime.yaml: A (AWS::B)"]
    assert {"cores", "python", "revision", "versions"} <= written["environment"].keys()
    assert [(result["scenario"], result["kept"]) for result in written["results"]] == [
        ("start", True),
        ("efficiency", False),
    ]
    assert written["results"][0]["figures"] == {"localcloud_s": [1.2, 1.25, 1.3]}


def test_quick_pace_is_a_tenth_and_never_nothing() -> None:
    """A quick run goes through every step of a full one."""
    quick = Pace().quick()
    assert (quick.storm, quick.chats, quick.messages) == (100, 1_000, 5_000)
    assert quick.rounds == 2
    assert quick.seconds > 0
