"""Histories made up for the tests of the verdict: a service keeps its promises, and the test spoils that."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

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
    Workload,
)
from loadtest.verdict import Judge, Rule, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

CHAT = "g:climbers"


@cache
def _run() -> Run:
    return Run.begin("direct", Workload.CLOSED, "embedded")


def a_run(**changed: object) -> Run:
    """A process's account of a run on this machine, changed in some way."""
    return msgspec.structs.replace(_run(), **changed)


def judge(*files: Iterable[AnyRecord], torn: bool = False) -> Verdict:
    """Judge histories as if each were read from a file; `torn` says it of the last one."""
    judged = Judge()
    for number, records in enumerate(files):
        judged.begin(f"file {number}")
        for record in records:
            judged.take(record)
        judged.end(torn=torn and number == len(files) - 1)
    return judged.verdict()


def broken(verdict: Verdict) -> set[Rule]:
    """The rules that a verdict says were broken."""
    return set(verdict.broken)


class Story:
    """A run told step by step; a device is named by its user: `ann.1` is the first of Ann's."""

    def __init__(self) -> None:
        """Begin with an empty file."""
        self.records: list[AnyRecord] = []
        self.now = 0

    def add(self, record: AnyRecord) -> None:
        """Append any record."""
        self.records.append(record)

    def tick(self) -> int:
        """Let time pass."""
        self.now += 1_000
        return self.now

    def begin(self, clock: str = "here", wall: float = 0.0) -> None:
        """Say which clock the times are of."""
        self.add(a_run(at=self.tick(), clock=clock, wall=wall))

    def join(self, *devices: str, chat: str = CHAT, after: int = 0) -> None:
        """Entitle devices."""
        for device in devices:
            user = device.partition(".")[0]
            self.add(Joined(at=self.tick(), device=device, user_id=user, chat_id=chat, visible_after=after))

    def leave(self, device: str, chat: str = CHAT) -> None:
        """Tell a device that it is out."""
        self.add(Left(at=self.tick(), device=device, chat_id=chat))

    def send(self, device: str, message: str, chat: str = CHAT) -> None:
        """Hand a device a message."""
        self.add(Sent(at=self.tick(), device=device, chat_id=chat, id=message))

    def ack(self, device: str, message: str, seq: int, chat: str = CHAT) -> None:
        """Tell a device that its message is durable."""
        self.add(Acked(at=self.tick(), device=device, chat_id=chat, id=message, seq=seq))

    def refuse(self, device: str, message: str, *, definite: bool, chat: str = CHAT) -> None:
        """Tell a device that its message will not be sent."""
        self.add(
            Refused(
                at=self.tick(), device=device, chat_id=chat, id=message, code="blocked", definite=definite
            )
        )

    def show(self, message: str, seq: int, sender: str, *devices: str, chat: str = CHAT) -> None:
        """Show a message of a user to devices."""
        for device in devices:
            self.add(
                Shown(at=self.tick(), device=device, chat_id=chat, id=message, seq=seq, sender_id=sender)
            )

    def end(self, *devices: str, waited: bool = True, cursors: dict[str, int] | None = None) -> None:
        """End devices; those that waited were online since now."""
        since = self.tick() if waited else None
        for device in devices:
            self.add(Ended(at=self.tick(), device=device, waited_since=since, cursors=cursors or {}))

    def keep(self, *messages: tuple[str, str], chat: str = CHAT, first: int = 1) -> None:
        """Read a chat's history back from the service: messages, each with its sender."""
        since = self.tick()
        for seq, (message, sender) in enumerate(messages, start=first):
            self.add(Stored(at=self.tick(), chat_id=chat, id=message, seq=seq, sender_id=sender))
        self.add(StoredAll(at=self.tick(), chat_id=chat, since=since))

    def close(self) -> list[AnyRecord]:
        """End the process."""
        self.add(Closed(at=self.tick()))
        return self.records
