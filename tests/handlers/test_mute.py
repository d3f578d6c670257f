"""Mutes: until when a chat may be muted."""

from __future__ import annotations

import pytest
from msgspec import UNSET, UnsetType

from chat.domain import timestamp
from chat.errors import ChatError
from chat.service.chats import MUTE_LIMIT, ChatDirectory, Mute
from chat.service.deliver import Deliver
from chat.service.membership import KnownChats, Membership
from chat.service.post import Post
from tests.handlers.support.fakes.changes import FakeChanges
from tests.handlers.support.fakes.chats import FakeChats
from tests.handlers.support.fakes.clock import START, FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush
from tests.handlers.support.fakes.messages import FakeMessages
from tests.handlers.support.fakes.queue import FakeQueue
from tests.handlers.support.fakes.users import FakeUsers

CHAT = "dm:a:b"


@pytest.fixture
def mute() -> Mute:
    """Mutes chats."""
    messages, clock, connections = FakeMessages(), FakeClock(), FakeConnections()
    chats = FakeChats(messages)
    chats.members[CHAT] = ["a", "b"]
    membership = Membership(chats, KnownChats())
    directory = ChatDirectory(chats, messages, FakeChanges(messages), FakeUsers(), membership, clock)
    deliver = Deliver(connections, Post(connections, FakePush(), clock), FakeQueue())
    return Mute(chats, directory, deliver, clock)


def at(seconds: int) -> str:
    """So many seconds from now."""
    return timestamp(START + seconds)


@pytest.mark.parametrize(
    ("until", "muted_until"),
    [
        (at(-1), UNSET),
        (at(0), UNSET),
        (at(1), at(1)),
        (at(MUTE_LIMIT), at(MUTE_LIMIT)),
        (at(MUTE_LIMIT + 1), at(MUTE_LIMIT)),
        ("9999-12-31T23:59:59.999Z", at(MUTE_LIMIT)),
    ],
)
def test_mute_ends_at_once_when_its_time_is_over_and_lasts_ten_years_at_most(
    mute: Mute, until: str, muted_until: str | UnsetType
) -> None:
    """A chat that was muted before is so no longer by a time that is over."""
    assert mute("a", CHAT, at(60)).muted_until == at(60)
    assert mute("a", CHAT, until).muted_until == muted_until


@pytest.mark.parametrize("until", ["2030-02-30T00:00:00.000Z", "2030-01-01T25:00:00.000Z"])
def test_mute_until_no_time_is_refused(mute: Mute, until: str) -> None:
    """It looks like one; clients could not read it."""
    with pytest.raises(ChatError, match=r"^bad_request"):
        mute("a", CHAT, until)
