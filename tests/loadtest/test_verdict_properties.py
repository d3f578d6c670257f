"""The verdict on histories that chance makes: a sound one passes, each way to spoil it is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.history import AnyRecord, Ended, Shown
from loadtest.verdict import Rule
from tests.loadtest.forging import Story, broken, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CHATS = ("g:1", "g:2")
EXAMPLES = settings(max_examples=40)
DEVICES = ("ann.1", "ann.2", "ben.1", "cem.1")


@dataclass
class Chat:
    """A chat of a sound service: its log, and how far each device's view of it got."""

    log: list[tuple[str, str]] = field(default_factory=list)
    """The messages, each with its sender."""
    shown: dict[str, int] = field(default_factory=dict)
    """By device."""


class Told:
    """A story that chance tells, of a sound service."""

    def __init__(self, draw: st.DrawFn) -> None:
        """Begin with two chats of three devices."""
        self.draw = draw
        self.story = Story()
        self.story.begin()
        self.chats = {chat_id: Chat() for chat_id in CHATS}
        for chat_id in CHATS:
            for device in DEVICES[:3]:
                self.join(chat_id, device)

    def join(self, chat_id: str, device: str) -> None:
        """Entitle a device to what is written from now on."""
        chat = self.chats[chat_id]
        self.story.join(device, chat=chat_id, after=len(chat.log))
        chat.shown[device] = len(chat.log)

    def send(self, chat_id: str, message: str, *, surely: bool) -> None:
        """Have somebody send a message, which is acked or not, and written or not."""
        chat = self.chats[chat_id]
        sender = self.draw(st.sampled_from(sorted(chat.shown)))
        self.story.send(sender, message, chat=chat_id)
        fates = ["acked"] if surely else ["acked", "unacked", "refused", "never landed"]
        fate = self.draw(st.sampled_from(fates))
        if fate == "refused":
            self.story.refuse(sender, message, definite=True, chat=chat_id)
        if fate in {"acked", "unacked"}:
            chat.log.append((message, sender))
        if fate == "acked":
            self.story.ack(sender, message, len(chat.log), chat=chat_id)

    def show(self, chat_id: str, device: str, most: int) -> None:
        """Show a device what comes next in a chat, up to so many messages."""
        chat = self.chats[chat_id]
        first = chat.shown[device]
        for message, sender in chat.log[first : first + most]:
            chat.shown[device] += 1
            self.story.show(message, chat.shown[device], sender.partition(".")[0], device, chat=chat_id)

    def end(self) -> list[AnyRecord]:
        """Let some be away; all others see what they lack before they end."""
        away = self.draw(st.sets(st.sampled_from(DEVICES[2:])))
        for chat_id, chat in self.chats.items():
            for device in sorted(chat.shown.keys() - away):
                self.show(chat_id, device, len(chat.log))
        self.story.end(*sorted(set(DEVICES) - away))
        self.story.end(*sorted(away), waited=False)
        return self.story.close()


@st.composite
def histories(draw: st.DrawFn) -> list[AnyRecord]:
    """What devices record: each sees at its own pace, one joins later, some are away at the end.

    Messages m0 and m1 are acked, and Ann's two devices see all.
    """
    told = Told(draw)
    for number in range(draw(st.integers(2, 14))):
        chat_id = draw(st.sampled_from(CHATS)) if number > 1 else CHATS[0]
        chat = told.chats[chat_id]
        if DEVICES[3] not in chat.shown and draw(st.booleans()):
            told.join(chat_id, DEVICES[3])
        told.send(chat_id, f"m{number}", surely=number <= 1)
        for device in draw(st.lists(st.sampled_from(sorted(chat.shown)), max_size=4)):
            told.show(chat_id, device, 1)
    return told.end()


def places(records: Sequence[AnyRecord], picked: Callable[[Shown], bool]) -> list[int]:
    """Where what was shown is of some kind."""
    return [place for place, record in enumerate(records) if isinstance(record, Shown) and picked(record)]


def must_have(records: Sequence[AnyRecord]) -> list[int]:
    """Deliveries that cannot be missing: the device waited, and the message, m0 or m1, was acked."""
    waited = {record.device for record in records if isinstance(record, Ended) and record.waited_since}
    return places(records, lambda shown: shown.device in waited and shown.id in {"m0", "m1"})


@EXAMPLES
@given(histories())
def test_history_of_a_sound_service_is_kept(records: list[AnyRecord]) -> None:
    """Nothing that may happen is taken for a fault."""
    verdict = judge(records)
    assert verdict.kept, verdict.violations


@EXAMPLES
@given(histories(), st.data())
def test_history_told_by_several_processes_is_kept(records: list[AnyRecord], data: st.DataObject) -> None:
    """Each device's records are in one file, and the files come in any order."""
    files: list[list[AnyRecord]] = [[], []]
    of = {device: data.draw(st.integers(0, 1)) for device in DEVICES}
    for record in records:
        device = getattr(record, "device", None)
        for number in [of[device]] if device else [0, 1]:
            files[number].append(record)
    assert judge(*data.draw(st.permutations(files))).kept


@EXAMPLES
@given(histories(), st.data())
def test_dropped_delivery_is_found(records: list[AnyRecord], data: st.DataObject) -> None:
    """Whichever it is."""
    del records[data.draw(st.sampled_from(must_have(records)))]
    assert broken(judge(records)) == {Rule.LOST}


@EXAMPLES
@given(histories(), st.data())
def test_repeated_delivery_is_found(records: list[AnyRecord], data: st.DataObject) -> None:
    """At once or at any time later."""
    place = data.draw(st.sampled_from(must_have(records)))
    records.insert(data.draw(st.integers(place + 1, len(records) - 1)), records[place])
    assert broken(judge(records)) == {Rule.REPEATED}


@EXAMPLES
@given(histories(), st.data())
def test_swapped_deliveries_are_found(records: list[AnyRecord], data: st.DataObject) -> None:
    """Two that follow each other in a device's view of a chat."""
    device = data.draw(st.sampled_from(DEVICES[:2]))
    mine = places(records, lambda shown: shown.device == device and shown.chat_id == CHATS[0])
    first = data.draw(st.integers(0, len(mine) - 2))
    one, other = mine[first], mine[first + 1]
    records[one], records[other] = records[other], records[one]
    assert broken(judge(records)) == {Rule.OUT_OF_ORDER}


@EXAMPLES
@given(histories(), st.data())
def test_exchanged_numbers_are_found(records: list[AnyRecord], data: st.DataObject) -> None:
    """A device sees m0 and m1 in the other order, although its numbers go up."""
    device = data.draw(st.sampled_from(DEVICES[:2]))
    one, other = places(records, lambda shown: shown.device == device and shown.id in {"m0", "m1"})
    exchange(records, one, other)
    assert {Rule.SHARED_NUMBER, Rule.NUMBERED_TWICE} <= broken(judge(records))


def exchange(records: list[AnyRecord], one: int, other: int) -> None:
    """Show each message in the other's place."""
    first, second = records[one], records[other]
    assert isinstance(first, Shown)
    assert isinstance(second, Shown)
    records[one] = msgspec.structs.replace(first, id=second.id, sender_id=second.sender_id)
    records[other] = msgspec.structs.replace(second, id=first.id, sender_id=first.sender_id)


@EXAMPLES
@given(histories(), st.data())
def test_renumbered_delivery_is_found(records: list[AnyRecord], data: st.DataObject) -> None:
    """One message has another number at one device."""
    place = data.draw(st.sampled_from(must_have(records)))
    moved = msgspec.structs.replace(records[place], seq=data.draw(st.integers(20, 40)))
    records[place] = moved
    assert Rule.NUMBERED_TWICE in broken(judge(records))


@EXAMPLES
@given(histories(), st.data())
def test_wrong_ack_is_found(records: list[AnyRecord], data: st.DataObject) -> None:
    """It tells a number that is not the message's, taken or not."""
    place = next(
        place
        for place, record in enumerate(records)
        if getattr(record, "id", "") == "m0" and type(record).__name__ == "Acked"
    )
    wrong = data.draw(st.integers(2, 40))
    records[place] = msgspec.structs.replace(records[place], seq=wrong)
    assert broken(judge(records)) == {Rule.ACK_DIFFERS}


@EXAMPLES
@given(histories(), st.data())
def test_forged_delivery_is_found(records: list[AnyRecord], data: st.DataObject) -> None:
    """Nobody sent it; it stands after the rest, so nothing else is wrong."""
    device = data.draw(st.sampled_from(DEVICES[:2]))
    last = places(records, lambda shown: shown.device == device and shown.chat_id == CHATS[0])[-1]
    forged = msgspec.structs.replace(records[last], id="ghost", seq=_seq(records[last]) + 1)
    records.insert(last + 1, forged)
    assert broken(judge(records)) == {Rule.NEVER_SENT}


@EXAMPLES
@given(histories(), st.data())
def test_delivery_in_anothers_name_is_found(records: list[AnyRecord], data: st.DataObject) -> None:
    """Identity comes from the token alone."""
    place = data.draw(st.sampled_from(must_have(records)))
    records[place] = msgspec.structs.replace(records[place], sender_id="eve")
    assert Rule.FORGED_SENDER in broken(judge(records))


def _seq(record: AnyRecord) -> int:
    assert isinstance(record, Shown)
    return record.seq
