"""What can be told only when all records were read: what never came, and what nobody had sent."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from .known import HISTORY
from .violations import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from .known import Known, KnownChat, KnownDevice, KnownMessage, View
    from .violations import Findings


class Conclusion:
    """Judges what is known of a whole run."""

    def __init__(self, known: Known, findings: Findings, cut_off_users: AbstractSet[str]) -> None:
        """Add to `findings`; of `cut_off_users` not all that they sent is recorded."""
        self._known = known
        self._findings = findings
        self._cut_off_users = cut_off_users
        self.landed_unacked = self.not_arrived = self.unaccounted = 0

    def draw(self) -> None:
        """Judge every message, then every chat with each of its views."""
        for message in self._known.messages.values():
            if message.sender is None or message.chat is None:
                self._judge_unsent(message)
            else:
                self._judge_sent(message, message.chat, message.sender)
        for chat in self._known.chats.values():
            self._judge_own_order(chat)
            numbers = sorted(chat.log)
            for view in (*chat.past, *chat.views.values()):
                self._judge_gaps(chat, view, numbers)
            for view in chat.views.values():
                self._judge_tail(chat, view, numbers)

    def _judge_unsent(self, message: KnownMessage) -> None:
        if message.sender_id in self._cut_off_users:
            self.unaccounted += 1
        elif message.placed is not None:
            self._add(Rule.NEVER_SENT, message.placed, message.seq, message, message.shown_to)
        elif message.acked_in is not None:
            self._add(Rule.NEVER_SENT, message.acked_in, message.acked_seq, message, message.acked_to)

    def _judge_sent(self, message: KnownMessage, chat: KnownChat, sender: KnownDevice) -> None:
        if message.placed is not None:
            self.landed_unacked += message.acked_seq is None
            if message.placed is not chat:
                self._add(Rule.NEVER_SENT, message.placed, message.seq, message, message.shown_to)
            if message.sender_id != sender.user_id:
                self._add(Rule.FORGED_SENDER, message.placed, message.seq, message, message.shown_to)
        if message.acked_seq is not None:
            if message.placed is None and chat.log.setdefault(message.acked_seq, message) is message:
                message.seq, message.placed = message.acked_seq, chat
            if message.seq != message.acked_seq:
                self._add(Rule.ACK_DIFFERS, chat, message.acked_seq, message, sender)
        if message.refused and message.placed is not None:
            self._add(Rule.REFUSED_BUT_WRITTEN, message.placed, message.seq, message, sender)

    def _judge_own_order(self, chat: KnownChat) -> None:
        """Leave out what was given up without an answer: its sender went on, and it may land late."""
        for device, sends in chat.sends.items():
            highest: KnownMessage | None = None
            for message in sends:
                if message.placed is not chat or message.maybe_written:
                    continue
                if highest is not None and _number(message) < _number(highest):
                    messages = (highest.id, message.id)
                    self._findings.add(Rule.OWN_ORDER, chat.id, _number(message), messages, device)
                else:
                    highest = message

    def _judge_gaps(self, chat: KnownChat, view: View, numbers: Sequence[int]) -> None:
        """What a device never showed, although it showed what follows."""
        for first, last in view.missing:
            known = numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]
            for seq in known:
                rule = Rule.HOLE if chat.log[seq].acked_seq is None else Rule.LOST
                self._add(rule, chat, seq, chat.log[seq], view.device)
            if len(known) < last - first + 1:
                number = next(seq for seq in range(first, last + 1) if seq not in chat.log)
                self._findings.add(Rule.HOLE, chat.id, number, (), view.device.name)

    def _judge_tail(self, chat: KnownChat, view: View, numbers: Sequence[int]) -> None:
        """What a device had not shown when it ended: lost if it should have had it by then."""
        unread = view.device.name == HISTORY and view.device.waited_since is None
        if view.left or unread:
            return
        held = view.device.cursors.get(chat.id, 0)
        waited_since = view.device.waited_since
        for seq in numbers[bisect_right(numbers, view.last) :]:
            message = chat.log[seq]
            if message.acked_seq is None:
                continue
            if seq <= held or (waited_since is not None and message.acked_at < waited_since):
                self._add(Rule.LOST, chat, seq, message, view.device)
            else:
                self.not_arrived += 1

    def _add(
        self, rule: Rule, chat: KnownChat, seq: int | None, message: KnownMessage, device: KnownDevice | None
    ) -> None:
        self._findings.add(rule, chat.id, seq or 0, (message.id,), "" if device is None else device.name)


def _number(message: KnownMessage) -> int:
    return message.seq or 0
