"""Reading back: what the service keeps of each chat is recorded page by page, as far as it answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from loadtest.conclude import conclude
from loadtest.history import History, HistoryFile, Run, Stored, StoredAll
from loadtest.outcome import Outcome
from loadtest.reading_back import read_back
from loadtest.settings import Settings
from parley_client.bodies import Page
from parley_client.errors import NotReachable
from parley_client.values import Message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

    from parley_client.errors import ParleyError

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


async def recorded(
    path: Path, chats: dict[str, FakePages]
) -> tuple[dict[str, list[int]], set[str], Mapping[str, ParleyError]]:
    """The numbers of what was stored in each chat; the chats that were read to their ends, and the others."""
    history = History(path)
    unread = await read_back(chats, history)
    history.close()
    stored: dict[str, list[int]] = {}
    whole = set()
    for record in HistoryFile(path).records():
        if isinstance(record, Stored):
            stored.setdefault(record.chat_id, []).append(record.seq)
        if isinstance(record, StoredAll):
            whole.add(record.chat_id)
    return stored, whole, unread


async def test_chats_are_read_to_their_ends(tmp_path: Path) -> None:
    """One of three pages, one of none."""
    stored, whole, unread = await recorded(tmp_path / "h", {"a": FakePages(250), "b": FakePages(0)})
    assert stored == {"a": list(range(1, 251))}
    assert whole == {"a", "b"}
    assert not unread


async def test_chat_that_cannot_be_read_is_not_called_whole(tmp_path: Path) -> None:
    """What lies beyond is not known to be lost; the other chats are read all the same."""
    chats = {"a": FakePages(250, fails_after=100), "b": FakePages(2)}
    stored, whole, unread = await recorded(tmp_path / "h", chats)
    assert stored == {"a": list(range(1, 101)), "b": [1, 2]}
    assert whole == {"b"}
    assert {chat_id: str(why) for chat_id, why in unread.items()} == {"a": "There is no answer."}


def test_run_whose_chats_cannot_be_read_back_has_failed() -> None:
    """It says how many and why; what made it fail before says more."""
    unread = {"g:1": NotReachable("There is no answer."), "g:2": NotReachable("Nor here.")}
    outcome = Outcome(rows=(), findings={})
    assert outcome.without({}) is outcome
    assert outcome.without(unread).failure == (
        "What the service keeps of 2 chats could not be read back, so the run proves nothing: "
        "g:1: There is no answer."
    )
    failed = Outcome(rows=(), findings={}, failure="Nobody came.")
    assert failed.without(unread).failure == "Nobody came."


def test_run_that_has_failed_ends_with_status_1_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Although every promise was kept, as far as anyone knows."""
    settings = Settings(scenario="direct")
    history = History.create(tmp_path)
    history.write(Run.begin(settings.scenario, settings.workload, settings.target))
    history.close()
    outcome = Outcome(rows=(), findings={})
    assert conclude(tmp_path, outcome, settings, None, 1.2) == 0
    unread = {"g:1": NotReachable("There is no answer.")}
    assert conclude(tmp_path, outcome.without(unread), settings, None, 1.2) == 1
    assert "g:1: There is no answer." in capsys.readouterr().err
