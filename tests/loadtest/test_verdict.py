"""The verdict: every way to break a promise is found and named; each test spoils an else clean history."""

from __future__ import annotations

import pytest

from loadtest.verdict import Rule, Verdict
from tests.loadtest.forging import CHAT, Story, judge

DEVICES = ("ann.1", "ben.1", "ben.2")


def told(verdict: Verdict, rule: Rule) -> str:
    """The one violation of a rule, as a reader is told it."""
    (found,) = [violation for violation in verdict.violations if violation.rule is rule]
    return str(found)


def story() -> Story:
    """Ann and Ben, who has two devices, are in a group where two messages were seen by all."""
    found = Story()
    found.begin()
    found.join(*DEVICES)
    for number, (device, message) in enumerate([("ann.1", "m1"), ("ben.2", "m2")], start=1):
        found.send(device, message)
        found.ack(device, message, number)
        found.show(message, number, device[:3], *DEVICES)
    return found


def test_clean_history_keeps_all_promises() -> None:
    """The history that the others spoil has no fault."""
    found = story()
    found.end(*DEVICES)
    found.keep(("m1", "ann"), ("m2", "ben"))
    verdict = judge(found.close())
    assert verdict.kept
    assert (verdict.sent, verdict.acked, verdict.shown, verdict.chats, verdict.devices) == (2, 2, 6, 1, 3)
    assert not verdict.notes()
    assert verdict.summary().startswith("All promises kept: 2 acked messages, 6 deliveries to 3 devices")


def test_acked_message_that_one_device_never_shows_is_lost() -> None:
    """It waited for it, online, since after the ack; message, chat and device are named."""
    found = story()
    found.send("ann.1", "m3")
    found.ack("ann.1", "m3", 3)
    found.show("m3", 3, "ann", "ann.1", "ben.2")
    found.end(*DEVICES)
    verdict = judge(found.close())
    assert verdict.broken == {Rule.LOST: 1}
    assert told(verdict, Rule.LOST) == f"Message m3 was acked as number 3 of {CHAT} and did not reach ben.1."


def test_acked_message_that_nobody_shows_is_lost_to_all() -> None:
    """The sender's own device too; it is one violation at three devices."""
    found = story()
    found.send("ann.1", "m3")
    found.ack("ann.1", "m3", 3)
    found.end(*DEVICES)
    verdict = judge(found.close())
    assert verdict.broken == {Rule.LOST: 3}
    assert told(verdict, Rule.LOST).endswith("did not reach ann.1, ben.1, ben.2.")


def test_acked_message_that_is_skipped_is_lost_without_an_end() -> None:
    """Who shows the next number will not show it any more."""
    found = story()
    for number in (3, 4):
        found.send("ann.1", f"m{number}")
        found.ack("ann.1", f"m{number}", number)
    found.show("m4", 4, "ann", "ben.1")
    found.end(*DEVICES, waited=False)
    assert judge(found.close()).broken == {Rule.LOST: 1}


def test_message_below_a_devices_cursor_that_it_did_not_show_is_lost() -> None:
    """The client holds that it has it; the view says no."""
    found = story()
    found.send("ann.1", "m3")
    found.ack("ann.1", "m3", 3)
    found.end("ben.1", waited=False, cursors={CHAT: 3})
    verdict = judge(found.close())
    assert verdict.broken == {Rule.LOST: 1}
    assert verdict.not_arrived == 2


def test_message_shown_twice_is_repeated() -> None:
    """Exactly once, in the view."""
    found = story()
    found.show("m2", 2, "ben", "ann.1")
    assert judge(found.close()).broken == {Rule.REPEATED: 1}


def test_messages_shown_in_another_order_are_out_of_order() -> None:
    """A view goes up, also where in the end it has everything."""
    found = story()
    for number in (3, 4):
        found.send("ann.1", f"m{number}")
        found.ack("ann.1", f"m{number}", number)
    for number in (3, 4):
        found.show(f"m{number}", number, "ann", "ann.1", "ben.2")
    for number in (4, 3):
        found.show(f"m{number}", number, "ann", "ben.1")
    found.end(*DEVICES)
    verdict = judge(found.close())
    assert verdict.broken == {Rule.OUT_OF_ORDER: 1}
    assert (
        told(verdict, Rule.OUT_OF_ORDER)
        == f"Message m3, number 3 of {CHAT}, was shown after later ones to ben.1."
    )


def test_message_that_all_saw_and_the_service_does_not_keep_is_lost() -> None:
    """It was pushed and acked, and never written: who comes back later would miss it."""
    found = story()
    found.end(*DEVICES)
    found.keep(("m1", "ann"))
    verdict = judge(found.close())
    assert verdict.broken == {Rule.LOST: 1}
    assert told(verdict, Rule.LOST).endswith("did not reach the service's history.")


def test_history_that_differs_from_what_was_shown_is_found() -> None:
    """The same message at the same number: live, from history, from sync."""
    found = story()
    found.end(*DEVICES)
    found.keep(("m2", "ben"), ("m1", "ann"))
    assert judge(found.close()).broken == {Rule.SHARED_NUMBER: 2, Rule.NUMBERED_TWICE: 2}


def test_number_that_no_message_has_is_a_hole() -> None:
    """A chat's numbers are 1, 2, 3, ... for everybody."""
    found = story()
    found.send("ann.1", "m4")
    found.ack("ann.1", "m4", 4)
    found.show("m4", 4, "ann", *DEVICES)
    found.end(*DEVICES)
    verdict = judge(found.close())
    assert verdict.broken == {Rule.HOLE: 3}
    assert told(verdict, Rule.HOLE) == f"Number 3 of {CHAT} is missing between others at ann.1, ben.1, ben.2."


def test_unacked_message_that_one_device_skips_is_a_hole() -> None:
    """It landed: others saw it, so it must be in every view that goes beyond."""
    found = story()
    found.send("ann.1", "m3")
    found.send("ben.1", "m4")
    found.ack("ben.1", "m4", 4)
    found.show("m3", 3, "ann", "ann.1", "ben.1")
    found.show("m4", 4, "ben", *DEVICES)
    found.end(*DEVICES)
    verdict = judge(found.close())
    assert verdict.broken == {Rule.HOLE: 1}
    assert told(verdict, Rule.HOLE) == f"Number 3, m3, of {CHAT} is missing between others at ben.2."


def test_gap_of_enormous_length_is_one_violation() -> None:
    """A forged number costs neither time nor memory."""
    found = story()
    found.send("ann.1", "m3")
    found.show("m3", 1 << 53, "ann", "ann.1")
    assert judge(found.close()).broken == {Rule.HOLE: 1}


def test_two_messages_at_one_number_are_found() -> None:
    """Two devices disagree about what stands there."""
    found = story()
    for device, message in (("ann.1", "m3"), ("ben.1", "x3")):
        found.send(device, message)
        found.show(message, 3, device[:3], device)
    found.end(*DEVICES)
    verdict = judge(found.close())
    assert verdict.broken == {Rule.SHARED_NUMBER: 1}
    assert (
        told(verdict, Rule.SHARED_NUMBER)
        == f"Number 3 of {CHAT} was messages m3 and x3, the latter at ben.1."
    )


def test_message_written_twice_is_found() -> None:
    """A retry that was appended again has two numbers, for everybody alike."""
    found = story()
    found.show("m2", 3, "ben", *DEVICES)
    found.end(*DEVICES)
    assert judge(found.close()).broken == {Rule.NUMBERED_TWICE: 3}


def test_ack_with_another_number_than_shown_is_found() -> None:
    """The ack told its sender what is not so."""
    found = story()
    found.send("ann.1", "m3")
    found.ack("ann.1", "m3", 4)
    found.show("m3", 3, "ann", *DEVICES)
    found.end(*DEVICES)
    assert judge(found.close()).broken == {Rule.ACK_DIFFERS: 1}


def test_two_acks_of_one_number_are_found() -> None:
    """Also where nobody was there to see either message."""
    found = story()
    for message in ("m3", "x3"):
        found.send("ann.1", message)
        found.ack("ann.1", message, 3)
    found.end(*DEVICES, waited=False)
    assert judge(found.close()).broken == {Rule.ACK_DIFFERS: 1}


def test_ack_that_changes_its_mind_is_found() -> None:
    """A repeated send is acked with the number it has."""
    found = story()
    found.ack("ann.1", "m1", 7)
    found.end(*DEVICES)
    assert judge(found.close()).broken == {Rule.ACK_DIFFERS: 1}


def test_messages_of_one_device_in_another_order_than_sent_are_found() -> None:
    """Everybody sees the same order, and it is not the sender's."""
    found = story()
    found.send("ann.1", "first")
    found.send("ann.1", "second")
    found.ack("ann.1", "second", 3)
    found.ack("ann.1", "first", 4)
    found.show("second", 3, "ann", *DEVICES)
    found.show("first", 4, "ann", *DEVICES)
    found.end(*DEVICES)
    verdict = judge(found.close())
    assert verdict.broken == {Rule.OWN_ORDER: 1}
    assert told(verdict, Rule.OWN_ORDER).startswith(
        f"Messages first and second were sent to {CHAT} in this order"
    )


def test_message_that_nobody_sent_is_found() -> None:
    """It came from nowhere."""
    found = story()
    found.show("ghost", 3, "ann", *DEVICES)
    found.end(*DEVICES)
    verdict = judge(found.close())
    assert verdict.broken == {Rule.NEVER_SENT: 1}
    assert (
        told(verdict, Rule.NEVER_SENT)
        == f"Message ghost, number 3 of {CHAT}, was never sent there; seen at ann.1."
    )


def test_ack_of_what_nobody_sent_is_found() -> None:
    """Even if it is shown to nobody."""
    found = story()
    found.ack("ann.1", "ghost", 3)
    found.end(*DEVICES)
    assert judge(found.close()).broken == {Rule.NEVER_SENT: 1}


def test_message_shown_in_another_chat_is_found() -> None:
    """It was sent, but not there."""
    found = story()
    found.join(*DEVICES, chat="other")
    found.send("ann.1", "m3", chat="other")
    found.show("m3", 3, "ann", *DEVICES)
    found.end(*DEVICES)
    assert judge(found.close()).broken == {Rule.NEVER_SENT: 1}


@pytest.mark.parametrize("devices", [DEVICES, ("ben.1",)])
def test_message_shown_as_another_users_is_found(devices: tuple[str, ...]) -> None:
    """To all, or to one: nobody writes in another's name."""
    found = story()
    found.send("ann.1", "m3")
    for device in DEVICES:
        found.show("m3", 3, "ben" if device in devices else "ann", device)
    found.end(*DEVICES)
    assert judge(found.close()).broken == {Rule.FORGED_SENDER: 1}


def test_message_refused_for_certain_and_shown_is_found() -> None:
    """Its sender was told that it certainly was not written."""
    found = story()
    found.send("ann.1", "m3")
    found.refuse("ann.1", "m3", definite=True)
    found.show("m3", 3, "ann", *DEVICES)
    found.end(*DEVICES)
    verdict = judge(found.close())
    assert verdict.broken == {Rule.REFUSED_BUT_WRITTEN: 1}


@pytest.mark.parametrize("how", ["never in", "not any more", "not yet"])
def test_message_shown_to_who_may_not_see_it_is_found(how: str) -> None:
    """Only members see, from where they came in until they leave."""
    found = story()
    if how != "never in":
        found.join("eve.1", after=2 if how == "not any more" else 3)
    if how == "not any more":
        found.leave("eve.1")
    found.send("ann.1", "m3")
    found.show("m3", 3, "ann", *DEVICES, "eve.1")
    found.end(*DEVICES, "eve.1")
    verdict = judge(found.close())
    assert verdict.broken == {Rule.NOT_ENTITLED: 1}
    assert told(verdict, Rule.NOT_ENTITLED) == f"Message m3, number 3 of {CHAT}, was not for eve.1."


def test_violations_beyond_the_first_are_counted() -> None:
    """A run in which all is wrong is told in bounded space."""
    found = story()
    devices = [f"cem.{number}" for number in range(9)]
    found.join(*devices)
    for number in range(3, 33):
        found.send("ann.1", f"m{number}")
        found.ack("ann.1", f"m{number}", number)
    found.end(*devices)
    verdict = judge(found.close())
    assert verdict.broken == {Rule.LOST: 32 * 9}
    assert len(verdict.violations) == 20
    assert told_devices(verdict) == {9}
    assert str(verdict.violations[0]).endswith("cem.0, cem.1, cem.2, cem.3, cem.4 and 4 more.")


def told_devices(verdict: Verdict) -> set[int]:
    """How many devices the violations are of."""
    return {violation.device_count for violation in verdict.violations}
