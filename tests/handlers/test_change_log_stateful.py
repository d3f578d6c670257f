"""The change log against its promises: writers in several environments, requests in any order, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec import structs

from chat.changes import Decision, MessageVersion, settled, version_of
from chat.domain import Change, Message
from chat.errors import ChatError
from chat.service.changes import ChangeLog
from tests.handlers.support.attempts import Attempt, Fate
from tests.handlers.support.fakes.changes import FakeChanges
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.messages import FakeMessages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.changes import ChangePage, Effect

CHAT = "dm:a:b"
MESSAGES = 2
CLOSED = "closed"
PAGE = 3


class SteppedTables:
    """Both tables as one attempt reaches them: every request is a step."""

    def __init__(self, machine: ChangeLogMachine, attempt: Attempt[Change | None]) -> None:
        self._machine = machine
        self._attempt = attempt

    def tail(self, chat_id: str) -> int:
        """One step."""
        return self._attempt.request(lambda: self._machine.changes.tail(chat_id))

    def put(self, chat_id: str, change: Change, effects: Sequence[Effect]) -> bool:
        """One step."""
        return self._attempt.request(lambda: self._machine.put(chat_id, change, effects))

    def read(self, seq: int) -> Message:
        """One step, which may find what the last change is just about to replace."""
        return self._attempt.request(lambda: self._machine.read(seq))

    def after(self, chat_id: str, number: int, limit: int) -> ChangePage:
        """Not used by the log."""
        raise NotImplementedError


class ChangeLogMachine(RuleBasedStateMachine):
    """Two messages on which any number of writers count up, until one closes them."""

    def __init__(self) -> None:
        super().__init__()
        self.messages = FakeMessages()
        self.changes = FakeChanges(self.messages)
        self.messages.write(CHAT, "a", *["0"] * MESSAGES)
        self.attempts: list[Attempt[Change | None]] = []
        self.settling: Message | None = None
        """What the last change replaced: a reader beside the transaction may still see it."""
        self.reads_lag = False
        self.held = 0
        """The last change that a reader holds, who applies every page."""
        self.copy = dict(self.messages.logs[CHAT])

    @rule(seq=st.integers(1, MESSAGES))
    def count_up(self, seq: int) -> None:
        """Begin to write one more into a message."""
        self.begin(seq, closing=False)

    @rule(seq=st.integers(1, MESSAGES))
    def close(self, seq: int) -> None:
        """Begin to close a message, on which nobody may count any more."""
        self.begin(seq, closing=True)

    @precondition(lambda self: self.running())
    @rule(
        data=st.data(),
        fate=st.sampled_from([Fate.DONE] * 8 + [Fate.LOST, Fate.UNANSWERED]),
        reads_lag=st.booleans(),
    )
    def step(self, data: st.DataObject, fate: Fate, reads_lag: bool) -> None:
        """One request of one attempt."""
        self.reads_lag = reads_lag
        data.draw(st.sampled_from(self.running())).step(fate)

    @rule(reads_lag=st.booleans())
    def follow(self, reads_lag: bool) -> None:
        """Read the next page of changes, and keep every message that is newer than what is held."""
        page = self.changes.after(CHAT, self.held, PAGE)
        if reads_lag:
            page = page._replace(changes=[self.lagging(change) for change in page.changes])
        for change in settled(page).changes:
            self.held = change.number
            if change.message and version_of(change.message) > version_of(self.copy[change.message.seq]):
                self.copy[change.message.seq] = change.message

    @invariant()
    def numbers_have_no_hole(self) -> None:
        """1, 2, 3, ..."""
        log = self.changes.logs.get(CHAT, [])
        assert [change.number for change in log] == list(range(1, len(log) + 1))

    @invariant()
    def no_decision_was_overtaken(self) -> None:
        """Each change did to the message what it was when the change before it had been written."""
        expected = dict.fromkeys(range(1, MESSAGES + 1), "0")
        for change in self.changes.logs.get(CHAT, []):
            assert change.message
            seq, text = change.message.seq, change.message.text
            assert expected[seq] != CLOSED
            assert text in (CLOSED, str(int(expected[seq]) + 1))
            expected[seq] = text
        assert {seq: message.text for seq, message in self.messages.logs[CHAT].items()} == expected

    def teardown(self) -> None:
        """Every attempt ends; who reads on comes to hold what the tables hold."""
        self.reads_lag = False
        while running := self.running():
            running[0].step(Fate.DONE)
        self.numbers_have_no_hole()
        self.no_decision_was_overtaken()
        while self.held < self.changes.tail(CHAT):
            self.follow(reads_lag=False)
        assert self.copy == self.messages.logs[CHAT]

    def begin(self, seq: int, *, closing: bool) -> None:
        """Start an invocation that decides from what it reads, each time anew."""

        def work(attempt: Attempt[Change | None]) -> Change | None:
            tables = SteppedTables(self, attempt)

            def decide(number: int) -> Decision | None:
                was = tables.read(seq)
                if was.text == CLOSED:
                    return None
                text = CLOSED if closing else str(int(was.text) + 1)
                message = structs.replace(was, text=text, change=number)
                return Decision(
                    Change(number=number, by="a", at="t", message=message), [MessageVersion(message, was)]
                )

            return ChangeLog(tables, FakeClock()).record(CHAT, decide)

        if len(self.running()) < 4:
            self.attempts.append(Attempt(work))

    def running(self) -> list[Attempt[Change | None]]:
        """The attempts that have a request to make."""
        return [attempt for attempt in self.attempts if not attempt.ended]

    def put(self, chat_id: str, change: Change, effects: Sequence[Effect]) -> bool:
        """Write to the table, and keep what was there."""
        (effect,) = effects
        assert isinstance(effect, MessageVersion)
        former = self.messages.logs[CHAT][effect.was.seq]
        written = self.changes.put(chat_id, change, effects)
        if written:
            self.settling = former
        return written

    def read(self, seq: int) -> Message:
        """Read the message, or what the last change replaced."""
        message = self.messages.logs[CHAT][seq]
        if self.reads_lag and self.settling is not None and self.settling.seq == seq:
            return self.settling
        return message

    def lagging(self, change: Change) -> Change:
        """The change as a reader sees it who reads the message a moment too early."""
        assert change.message
        lags = self.settling is not None and self.settling.seq == change.message.seq
        return structs.replace(change, message=self.settling) if lags else change


def test_too_many_conflicts_are_given_up() -> None:
    """Bounded, with a pause after each."""

    class Taken(FakeChanges):
        def put(self, chat_id: str, change: Change, effects: Sequence[Effect]) -> bool:
            self.puts += 1
            assert chat_id
            assert (change.number, effects) == (1, [])
            return False

    table, clock = Taken(FakeMessages()), FakeClock()
    log = ChangeLog(table, clock, jitter=lambda: 1.0)
    with pytest.raises(ChatError, match="contention"):
        log.record(CHAT, lambda number: Decision(Change(number=number, by="a", at="t", name="n"), []))
    assert table.puts == len(clock.slept) == 12
    assert clock.slept[:3] == [0.02, 0.04, 0.08]
    assert max(clock.slept) == 0.2


TestChangeLog = ChangeLogMachine.TestCase
TestChangeLog.settings = settings(max_examples=60, stateful_step_count=50)
