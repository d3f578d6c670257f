"""The logs of messages in memory: tables that honour their conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.domain import Message, Page

if TYPE_CHECKING:
    from collections.abc import Sequence


class FakeMessages:
    """The logs of all chats, and how many requests were made of each kind."""

    def __init__(self) -> None:
        self.logs: dict[str, dict[int, Message]] = {}
        self.puts = 0
        self.gets = 0
        self.queries = 0

    def write(self, chat_id: str, sender_id: str, *texts: str) -> list[Message]:
        """Write messages behind the service's back."""
        log = self.logs.setdefault(chat_id, {})
        written = []
        for text in texts:
            seq = len(log) + 1
            log[seq] = Message(f"id-{sender_id}-{seq}", seq, sender_id, "2027-01-15T08:00:00.000Z", text)
            written.append(log[seq])
        return written

    def put(self, chat_id: str, message: Message) -> bool:
        """Write unless the number is taken."""
        self.puts += 1
        return self.logs.setdefault(chat_id, {}).setdefault(message.seq, message) is message

    def get(self, chat_id: str, seq: int) -> Message | None:
        """One."""
        self.gets += 1
        return self.logs.get(chat_id, {}).get(seq)

    def after(self, chat_id: str, seq: int, limit: int) -> Page:
        """Ascending from just above `seq`."""
        self.queries += 1
        log = self.logs.get(chat_id, {})
        numbers = sorted(number for number in log if number > seq)
        return Page([log[number] for number in numbers[:limit]], len(numbers) > limit)

    def before(self, chat_id: str, seq: int, limit: int) -> Page:
        """The nearest below `seq`, ascending."""
        self.queries += 1
        log = self.logs.get(chat_id, {})
        numbers = sorted(number for number in log if number < seq)
        return Page([log[number] for number in numbers[-limit:]], len(numbers) > limit)


class FakeRetention:
    """All chats of the logs in one shard, and their purge."""

    def __init__(self, messages: FakeMessages) -> None:
        self._messages = messages

    def chats(self, shard: str, after: str | None, limit: int) -> Sequence[str]:
        """By id."""
        assert shard
        return sorted(c for c in self._messages.logs if c > (after or ""))[:limit]

    def purge(self, chat_id: str, seqs: Sequence[int]) -> None:
        """Remove."""
        for seq in seqs:
            self._messages.logs[chat_id].pop(seq, None)
