"""CPU time by kind of process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench.computing import DATABASE, EMULATOR, ENVIRONMENTS, computed, for_each

COMPUTE = """
import sys, time
while time.process_time() < 0.1:
    pass
print("done", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of other processes' time")
def test_computed_counts_a_child_as_an_environment() -> None:
    """Whatever runs below an emulator and is no database serves its functions."""
    before = computed(os.getpid())
    with subprocess.Popen(
        [sys.executable, "-c", COMPUTE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        after = computed(os.getpid())
    assert after[ENVIRONMENTS] - before[ENVIRONMENTS] >= 90
    assert after[DATABASE] == before[DATABASE] == 0
    assert after[EMULATOR] >= before[EMULATOR] > 0


def test_time_for_each_message_leaves_out_what_did_not_compute() -> None:
    """MiniStack has no database process."""
    before, after = {EMULATOR: 100.0, DATABASE: 0.0}, {EMULATOR: 300.0, DATABASE: 0.0}
    assert for_each(before, after, 50) == {EMULATOR: 4.0}
