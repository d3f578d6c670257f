"""What a verdict says: the rules, how a history broke them, and what could not be told."""

from __future__ import annotations

from enum import StrEnum

import msgspec

NAMED_DEVICES = 5
"""Of each violation, how many devices are named; all are counted."""


class Rule(StrEnum):
    """What a history must show; docs/protocol.md, "What the chat promises"."""

    LOST = "lost"
    REPEATED = "repeated"
    OUT_OF_ORDER = "out of order"
    HOLE = "hole"
    SHARED_NUMBER = "shared number"
    NUMBERED_TWICE = "numbered twice"
    ACK_DIFFERS = "ack differs"
    OWN_ORDER = "own order"
    NEVER_SENT = "never sent"
    FORGED_SENDER = "forged sender"
    REFUSED_BUT_WRITTEN = "refused but written"
    NOT_ENTITLED = "not entitled"


PROMISES = {
    Rule.LOST: "Every acked message reached every device of every member.",
    Rule.REPEATED: "No device showed a message twice.",
    Rule.OUT_OF_ORDER: "Every device showed a chat's messages in ascending order.",
    Rule.HOLE: "No number was missing between two that a device showed.",
    Rule.SHARED_NUMBER: "All devices saw the same message at the same number.",
    Rule.NUMBERED_TWICE: "Every message had one number.",
    Rule.ACK_DIFFERS: "The number in an ack was the number that was shown.",
    Rule.OWN_ORDER: "What a device sent first in a chat had the lower number.",
    Rule.NEVER_SENT: "Nothing was shown, or acked, that nobody had sent to that chat.",
    Rule.FORGED_SENDER: "Every message was shown as its sender's.",
    Rule.REFUSED_BUT_WRITTEN: "Nothing was written that had been refused for certain.",
    Rule.NOT_ENTITLED: "Nobody was shown what was not theirs to see.",
}
"""The rules as they read when they are kept."""

_BROKEN = {
    Rule.LOST: "{messages} was acked as number {seq} of {chat} and did not reach {devices}",
    Rule.REPEATED: "{messages}, number {seq} of {chat}, was shown again to {devices}",
    Rule.OUT_OF_ORDER: "{messages}, number {seq} of {chat}, was shown after later ones to {devices}",
    Rule.HOLE: "number {seq}{messages} of {chat} is missing between others at {devices}",
    Rule.SHARED_NUMBER: "number {seq} of {chat} was {messages}, the latter at {devices}",
    Rule.NUMBERED_TWICE: "{messages} has another number elsewhere than {seq} of {chat} at {devices}",
    Rule.ACK_DIFFERS: "{messages} was acked to {devices} as number {seq} of {chat}, which it is not",
    Rule.OWN_ORDER: "{messages} were sent to {chat} in this order by {devices}; the latter is number {seq}",
    Rule.NEVER_SENT: "{messages}, number {seq} of {chat}, was never sent there; seen at {devices}",
    Rule.FORGED_SENDER: "{messages}, number {seq} of {chat}, was shown as not its sender's to {devices}",
    Rule.REFUSED_BUT_WRITTEN: "{messages} was refused to {devices} for certain and is number {seq} of {chat}",
    Rule.NOT_ENTITLED: "{messages}, number {seq} of {chat}, was not for {devices}",
}


class Violation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that went wrong, at one device or at many."""

    rule: Rule
    chat_id: str
    seq: int
    messages: tuple[str, ...]
    devices: tuple[str, ...]
    """The first few of them."""
    device_count: int

    def __str__(self) -> str:
        """Say it in a sentence."""
        devices = ", ".join(self.devices)
        if (more := self.device_count - len(self.devices)) > 0:
            devices += f" and {more} more"
        messages = " and ".join(self.messages)
        if self.rule is Rule.HOLE and messages:
            messages = f", {messages},"
        elif self.rule is not Rule.HOLE:
            messages = f"message {messages}" if len(self.messages) == 1 else f"messages {messages}"
        said = _BROKEN[self.rule].format(messages=messages, seq=self.seq, chat=self.chat_id, devices=devices)
        return f"{said[0].upper()}{said[1:]}."


class Verdict(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the history of a run shows."""

    sent: int
    acked: int
    refused: int
    shown: int
    """Deliveries: once for each message and device."""
    chats: int
    devices: int
    broken: dict[Rule, int]
    """How often each rule was broken: devices are counted each. Empty where the run kept all."""
    violations: tuple[Violation, ...]
    """The first few of each rule."""
    landed_unacked: int
    """Messages without an ack that were written all the same: their senders could not know."""
    not_arrived: int
    """Deliveries of acked messages that their devices did not wait for."""
    not_ended: int
    """Devices that stopped without a word: their process was killed."""
    cut_off: tuple[str, ...]
    """Files of processes that were killed; their last moments are not in the history."""
    read_back: int
    """Chats whose history was read from the service after the run and compared with what was shown."""
    unaccounted: int
    """Messages whose sending is not recorded, by users of such a process."""

    @property
    def kept(self) -> bool:
        """Whether no rule was broken."""
        return not self.broken

    def summary(self) -> str:
        """Say in one sentence how it ended."""
        if not self.kept:
            found = ", ".join(f"{count:,} {rule}" for rule, count in self.broken.items())
            return f"The chat broke its promises: {found}."
        if not self.acked:
            return "No message was acked, so there was nothing to break."
        return (
            f"All promises kept: {self.acked:,} acked messages, {self.shown:,} deliveries to {self.devices:,}"
            f" devices in {self.chats:,} chats; none lost, repeated or out of order."
        )

    def notes(self) -> tuple[str, ...]:
        """Say what a reader must know beside that: what was not judged."""
        behind = self.chats - self.read_back
        said = {
            f"{self.refused:,} messages were refused.": self.refused,
            f"{self.landed_unacked:,} messages were written without an ack.": self.landed_unacked,
            f"{self.not_arrived:,} deliveries had not happened when their devices stopped.": self.not_arrived,
            f"{self.not_ended:,} devices stopped without a word.": self.not_ended,
            f"{behind:,} of {self.chats:,} chats were not read back from the service.": behind,
            f"The history is cut off in {', '.join(self.cut_off)}.": len(self.cut_off),
            f"{self.unaccounted:,} messages are of senders whose history is cut off.": self.unaccounted,
        }
        return tuple(sentence for sentence, count in said.items() if count)


class Findings:
    """Collects violations in bounded memory: counts all, keeps the first few of each rule."""

    def __init__(self, keep: int) -> None:
        """Keep so many of each rule."""
        self._keep = keep
        self._counts: dict[Rule, int] = {}
        self._kept: dict[Rule, dict[tuple[str, int, tuple[str, ...]], list[str]]] = {}
        self._devices: dict[tuple[Rule, str, int, tuple[str, ...]], int] = {}

    def add(self, rule: Rule, chat_id: str, seq: int, messages: tuple[str, ...], device: str) -> None:
        """Note that a rule was broken at a device; what is the same at several devices is one violation."""
        self._counts[rule] = self._counts.get(rule, 0) + 1
        kept = self._kept.setdefault(rule, {})
        key = (chat_id, seq, messages)
        if key not in kept and len(kept) >= self._keep:
            return
        devices = kept.setdefault(key, [])
        if len(devices) < NAMED_DEVICES:
            devices.append(device)
        self._devices[rule, *key] = self._devices.get((rule, *key), 0) + 1

    @property
    def counts(self) -> dict[Rule, int]:
        """How often each rule was broken, in the order of the rules."""
        return {rule: self._counts[rule] for rule in Rule if rule in self._counts}

    def violations(self) -> tuple[Violation, ...]:
        """Return those that were kept, in the order of the rules."""
        return tuple(
            Violation(
                rule=rule,
                chat_id=chat_id,
                seq=seq,
                messages=messages,
                devices=tuple(devices),
                device_count=self._devices[rule, chat_id, seq, messages],
            )
            for rule in Rule
            for (chat_id, seq, messages), devices in self._kept.get(rule, {}).items()
        )
