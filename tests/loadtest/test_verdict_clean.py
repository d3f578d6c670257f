"""What looks like a fault and is none: the verdict invents nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from loadtest.history import History
from loadtest.verdict import Rule
from tests.loadtest.forging import CHAT, Story, judge

if TYPE_CHECKING:
    from pathlib import Path


def story(*devices: str) -> Story:
    """Devices in a group where nothing was said."""
    found = Story()
    found.begin()
    found.join(*devices)
    return found


def test_device_that_is_offline_at_the_end_lacks_what_it_could_not_get() -> None:
    """It is told as not arrived, which is no violation."""
    found = story("ann.1", "ben.1")
    found.send("ann.1", "m1")
    found.ack("ann.1", "m1", 1)
    found.show("m1", 1, "ann", "ann.1")
    found.end("ben.1", waited=False, cursors={CHAT: 0})
    found.end("ann.1")
    verdict = judge(found.close())
    assert verdict.kept
    assert verdict.not_arrived == 1
    assert verdict.notes() == (
        "1 deliveries had not happened when their devices stopped.",
        "1 of 1 chats were not read back from the service.",
    )


def test_message_acked_while_the_last_devices_waited_is_not_lost() -> None:
    """A device answers for what was acked before it began to wait."""
    found = story("ann.1", "ben.1")
    found.send("ann.1", "m1")
    found.show("m1", 1, "ann", "ann.1")
    found.end("ben.1")
    found.ack("ann.1", "m1", 1)
    found.end("ann.1")
    verdict = judge(found.close())
    assert verdict.kept
    assert verdict.not_arrived == 1


def test_who_joins_later_sees_what_is_sent_from_then_on() -> None:
    """What was before is not missing, neither first in the view nor at the end."""
    found = story("ann.1")
    for number in (1, 2, 3):
        found.send("ann.1", f"m{number}")
        found.ack("ann.1", f"m{number}", number)
        found.show(f"m{number}", number, "ann", "ann.1")
        if number == 2:
            found.join("ben.1", "cem.1", after=2)
    found.show("m3", 3, "ann", "ben.1")
    found.leave("cem.1")
    found.end("ann.1", "ben.1", "cem.1")
    assert judge(found.close()).kept


def test_who_joins_again_begins_a_new_view() -> None:
    """The chat's messages may be shown once more, from where it is visible."""
    found = story("ann.1", "ben.1")
    found.send("ann.1", "m1")
    found.ack("ann.1", "m1", 1)
    found.show("m1", 1, "ann", "ann.1", "ben.1")
    found.leave("ben.1")
    found.join("ben.1")
    found.show("m1", 1, "ann", "ben.1")
    found.end("ann.1", "ben.1")
    assert judge(found.close()).kept


def test_message_without_an_ack_may_have_landed_and_may_not() -> None:
    """Its sender cannot know; the reader is told how many landed."""
    found = story("ann.1", "ben.1")
    for message in ("landed", "never came"):
        found.send("ann.1", message)
        found.refuse("ann.1", message, definite=False)
    found.show("landed", 1, "ann", "ann.1", "ben.1")
    found.end("ann.1", "ben.1")
    verdict = judge(found.close())
    assert verdict.kept
    assert verdict.landed_unacked == 1


def test_message_given_up_without_an_answer_may_land_late() -> None:
    """Its sender went on without knowing: of such a message no order is promised."""
    found = story("ann.1")
    found.send("ann.1", "given up")
    found.refuse("ann.1", "given up", definite=False)
    found.send("ann.1", "next")
    found.ack("ann.1", "next", 1)
    found.show("next", 1, "ann", "ann.1")
    found.show("given up", 2, "ann", "ann.1")
    found.end("ann.1")
    assert judge(found.close()).kept


def test_refused_message_that_nobody_shows_is_no_fault() -> None:
    """Refusing is the service's right."""
    found = story("ann.1")
    found.send("ann.1", "m1")
    found.refuse("ann.1", "m1", definite=True)
    found.end("ann.1")
    verdict = judge(found.close())
    assert verdict.kept
    assert verdict.refused == 1
    assert verdict.summary() == "No message was acked, so there was nothing to break."


def test_processes_are_judged_in_whatever_order_their_files_are_read() -> None:
    """A message is shown in one file and sent in the next."""
    receiver = story("ben.1")
    receiver.show("m1", 1, "ann", "ben.1")
    receiver.now = 9_000
    receiver.end("ben.1")
    sender = story("ann.1")
    sender.send("ann.1", "m1")
    sender.ack("ann.1", "m1", 1)
    sender.show("m1", 1, "ann", "ann.1")
    sender.end("ann.1")
    files = receiver.close(), sender.close()
    assert judge(*files).kept
    assert judge(*reversed(files)).kept


def test_clocks_of_two_machines_are_compared_by_the_wall() -> None:
    """The other machine has been up for longer: its ack is after the wait, although its number is smaller."""
    waiting = Story()
    waiting.now = 5_000_000_000
    waiting.begin("here", wall=100.0)
    waiting.join("ben.1")
    waiting.end("ben.1")
    sending = Story()
    sending.begin("there", wall=101.0)
    sending.join("ann.1")
    sending.send("ann.1", "m1")
    sending.ack("ann.1", "m1", 1)
    sending.show("m1", 1, "ann", "ann.1")
    verdict = judge(waiting.close(), sending.close())
    assert verdict.kept
    assert verdict.not_arrived == 1
    assert judge(sending.close(), waiting.close()).kept


def test_sender_whose_process_was_killed_did_send_what_was_shown() -> None:
    """Its last moments are not in the history, so the message is told as unaccounted, not as made up."""
    killed = story("ann.1")
    alive = story("ben.1")
    alive.show("m1", 1, "ann", "ben.1")
    alive.end("ben.1")
    verdict = judge(alive.close(), killed.records, torn=True)
    assert verdict.kept
    assert verdict.unaccounted == 1
    assert verdict.cut_off == ("file 1",)
    assert verdict.not_ended == 1
    assert judge(alive.records, killed.close()).broken == {Rule.NEVER_SENT: 1}


def test_history_that_was_not_read_to_its_end_is_judged_as_far_as_it_was() -> None:
    """The service stopped answering: what follows is not known to be lost, nor to be kept."""
    found = story("ann.1")
    for number in (1, 2):
        found.send("ann.1", f"m{number}")
        found.ack("ann.1", f"m{number}", number)
        found.show(f"m{number}", number, "ann", "ann.1")
    found.end("ann.1")
    found.keep(("m1", "ann"))
    del found.records[-1]
    verdict = judge(found.close())
    assert verdict.kept
    assert verdict.notes() == ("1 of 1 chats were not read back from the service.",)


def test_command_tells_violations_and_fails(tmp_path: Path) -> None:
    """0 when all is kept, 1 when not, 2 when there is nothing to judge."""
    found = story("ann.1")
    history = History.create(tmp_path / "clean")
    for record in found.close()[:-1]:
        history.write(record)
    history.close()
    found.show("ghost", 1, "ann", "ann.1")
    history = History.create(tmp_path / "spoilt")
    for record in found.records:
        history.write(record)
    history.close()
    assert command(tmp_path / "clean").returncode == 0
    spoilt = command(tmp_path / "spoilt")
    assert spoilt.returncode == 1
    assert (
        "never sent: Message ghost, number 1 of g:climbers, was never sent there; seen at ann.1.\n"
        in spoilt.stdout
    )
    assert command(tmp_path).returncode == 2


def command(directory: Path) -> subprocess.CompletedProcess[str]:
    """Judge a directory as a user does."""
    asked = [sys.executable, "-m", "loadtest.verdict", str(directory)]
    environment = {**os.environ, "PYTHONPATH": "."}
    return subprocess.run(asked, check=False, capture_output=True, text=True, env=environment)
