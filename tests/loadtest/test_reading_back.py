"""Reading back: what the service keeps of each chat is recorded page by page, as far as it answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from loadtest.history import History, HistoryFile, Stored, StoredAll
from loadtest.reading_back import read_back
from parley_client.bodies import Page
from parley_client.errors import NotReachable
from parley_client.values import Message

if TYPE_CHECKING:
    from pathlib import Path

SENT_AT = datetime(2026, 1, 1, tzinfo=UTC)


class FakePages:
    """A chat of so many messages; from `fails_after` on, it does not answer."""

    def __init__(self, messages: int, fails_after: int | None = None) -> None:
        self._messages = messages
        self._fails_after = fails_after

    async def messages(self, chat_id: str, *, after: int, limit: int) -> Page:
        """Return a page."""
        if self._fails_after is not None and after >= self._fails_after:
            raise NotReachable("There is no answer.")
        last = min(after + limit, self._messages)
        page = [
            Message(id=f"{chat_id}{seq}", seq=seq, sender_id="ann", sent_at=SENT_AT, text="")
            for seq in range(after + 1, last + 1)
        ]
        return Page(messages=tuple(page), has_more=last < self._messages)


async def recorded(path: Path, chats: dict[str, FakePages]) -> tuple[dict[str, list[int]], set[str]]:
    """The numbers of what was stored in each chat, and the chats that were read to the end."""
    history = History(path)
    await read_back(chats, history)
    history.close()
    stored: dict[str, list[int]] = {}
    whole = set()
    for record in HistoryFile(path).records():
        if isinstance(record, Stored):
            stored.setdefault(record.chat_id, []).append(record.seq)
        if isinstance(record, StoredAll):
            whole.add(record.chat_id)
    return stored, whole


async def test_chats_are_read_to_their_ends(tmp_path: Path) -> None:
    """One of three pages, one of none."""
    stored, whole = await recorded(tmp_path / "h", {"a": FakePages(250), "b": FakePages(0)})
    assert stored == {"a": list(range(1, 251))}
    assert whole == {"a", "b"}


async def test_chat_that_cannot_be_read_is_not_called_whole(tmp_path: Path) -> None:
    """What lies beyond is not known to be lost; the other chats are read all the same."""
    stored, whole = await recorded(tmp_path / "h", {"a": FakePages(250, fails_after=100), "b": FakePages(2)})
    assert stored == {"a": list(range(1, 101)), "b": [1, 2]}
    assert whole == {"b"}
