"""Reads a history once, a record at a time, and finds what breaks the chat's promises.

It keeps an entry a message and one a view (a device in a chat), and no record, however often each message was
shown. A device's records are in one file and so in order; nothing is assumed of the order between files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadtest.clocks import CommonClock
from loadtest.history import (
    Acked,
    AnyRecord,
    Closed,
    Ended,
    Joined,
    Left,
    Refused,
    Run,
    Sent,
    Shown,
    Stored,
    StoredAll,
    read_run,
)

from .conclusion import Conclusion
from .known import Known, KnownDevice, View
from .violations import Findings, Rule, Verdict

if TYPE_CHECKING:
    from pathlib import Path

KEPT = 20
"""Of each rule, how many violations are told in full."""


def judge_directory(directory: Path, kept: int = KEPT) -> Verdict:
    """Judge the run whose history is in a directory.

    Raises:
        HistoryDamaged: there is none, or it cannot be read.
    """
    judge = Judge(kept)
    read_run(directory, judge)
    return judge.verdict()


class Judge:
    """Takes in the records of a run, file by file, and then tells the verdict."""

    def __init__(self, kept: int = KEPT) -> None:
        """Tell so many violations of each rule in full."""
        self._findings = Findings(kept)
        self._known = Known()
        self._clock = CommonClock()
        self._file = ""
        self._file_users: set[str] = set()
        self._closed = False
        self._cut_off: list[str] = []
        self._cut_off_users: set[str] = set()
        self._sent = self._acked = self._refused = self._shown = self._read_back = 0

    def begin(self, name: str) -> None:
        """The records of another process follow."""
        self._file, self._file_users, self._closed = name, set(), False

    def end(self, *, torn: bool) -> None:
        """A process's records are over; where it did not say so itself, its last moments are missing."""
        if torn or not self._closed:
            self._cut_off.append(self._file)
            self._cut_off_users |= self._file_users

    def take(self, record: AnyRecord) -> None:  # noqa: C901 - one case a record
        """Take in the next record."""
        match record:
            case Shown():
                self._show(record)
            case Sent():
                self._send(record)
            case Acked():
                self._ack(record)
            case Refused():
                self._refuse(record)
            case Stored():
                self._read(record)
            case StoredAll():
                self._read_all(record)
            case Joined():
                self._join(record)
            case Left():
                self._leave(record)
            case Ended():
                self._end(record)
            case Run():
                self._clock.enter(record)
            case Closed():
                self._closed = True
            case _:
                pass

    def _join(self, record: Joined) -> None:
        chat, device = self._known.chat(record.chat_id), self._known.device(record.device)
        device.user_id = self._known.user(record.user_id)
        self._file_users.add(device.user_id)
        if (view := chat.views.get(device.name)) is not None:
            chat.past.append(view)
        chat.views[device.name] = View(device, record.visible_after, record.visible_after)

    def _leave(self, record: Left) -> None:
        if (view := self._known.chat(record.chat_id).views.get(record.device)) is not None:
            view.left = True

    def _send(self, record: Sent) -> None:
        message = self._known.message(record.id)
        if message.sender is None:
            self._sent += 1
            message.chat, message.sender = self._known.chat(record.chat_id), self._known.device(record.device)
            message.chat.sends.setdefault(message.sender.name, []).append(message)

    def _ack(self, record: Acked) -> None:
        message = self._known.message(record.id)
        if message.acked_seq is None:
            self._acked += 1
            message.acked_seq, message.acked_at = record.seq, self._clock.time(record.at)
            message.acked_in, message.acked_to = (
                self._known.chat(record.chat_id),
                self._known.device(record.device),
            )
        elif message.acked_seq != record.seq:
            self._findings.add(Rule.ACK_DIFFERS, record.chat_id, record.seq, (record.id,), record.device)

    def _refuse(self, record: Refused) -> None:
        message = self._known.message(record.id)
        self._refused += 1
        message.refused = record.definite
        message.maybe_written = not record.definite

    def _show(self, record: Shown) -> None:
        self._shown += 1
        device = self._known.device(record.device)
        self._see(record, self._known.chat(record.chat_id).views.get(device.name), device)

    def _read(self, record: Stored) -> None:
        """What the service keeps is judged as one more view, that of who comes when all is over."""
        view = self._known.chat(record.chat_id).kept()
        self._see(record, view, view.device)

    def _read_all(self, record: StoredAll) -> None:
        self._read_back += 1
        self._known.chat(record.chat_id).kept().device.waited_since = self._clock.time(record.since)

    def _see(self, record: Shown | Stored, view: View | None, device: KnownDevice) -> None:
        if view is None or view.left or record.seq <= view.after:
            self._found(Rule.NOT_ENTITLED, record, device)
        elif record.seq > view.last:
            view.advance(record.seq)
        else:
            self._found(Rule.OUT_OF_ORDER if view.fill(record.seq) else Rule.REPEATED, record, device)
        self._place(record, device)

    def _place(self, record: Shown | Stored, device: KnownDevice) -> None:
        """Compare with what others were shown: the first to show a number settles what stands there."""
        chat, message = self._known.chat(record.chat_id), self._known.message(record.id)
        if message.seq is None:
            message.seq, message.placed, message.shown_to = record.seq, chat, device
            message.sender_id = self._known.user(record.sender_id)
        elif message.seq != record.seq or message.placed is not chat:
            self._found(Rule.NUMBERED_TWICE, record, device)
        elif message.sender_id != record.sender_id:
            self._found(Rule.FORGED_SENDER, record, device)
        if (there := chat.log.setdefault(record.seq, message)) is not message:
            messages = (there.id, record.id)
            self._findings.add(Rule.SHARED_NUMBER, chat.id, record.seq, messages, device.name)

    def _found(self, rule: Rule, record: Shown | Stored, device: KnownDevice) -> None:
        self._findings.add(rule, record.chat_id, record.seq, (record.id,), device.name)

    def _end(self, record: Ended) -> None:
        device = self._known.device(record.device)
        device.ended = True
        device.cursors = {self._known.chat(chat_id).id: seq for chat_id, seq in record.cursors.items()}
        if record.waited_since is not None:
            device.waited_since = self._clock.time(record.waited_since)

    def verdict(self) -> Verdict:
        """Tell what was found. Call it once, after the last record."""
        conclusion = Conclusion(self._known, self._findings, self._cut_off_users)
        conclusion.draw()
        return Verdict(
            sent=self._sent,
            acked=self._acked,
            refused=self._refused,
            shown=self._shown,
            chats=len(self._known.chats),
            devices=len(self._known.devices),
            broken=self._findings.counts,
            violations=self._findings.violations(),
            landed_unacked=conclusion.landed_unacked,
            not_arrived=conclusion.not_arrived,
            not_ended=sum(not device.ended for device in self._known.devices.values()),
            cut_off=tuple(self._cut_off),
            read_back=self._read_back,
            unaccounted=conclusion.unaccounted,
        )
