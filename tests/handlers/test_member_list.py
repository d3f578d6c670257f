"""Lists of members: as of which change of the chat they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat.changes import Dismissed, RosterVersion
from chat.domain import Change
from chat.errors import ChatError
from chat.roster import Place, Roster
from chat.service.members import MemberList
from chat.service.membership import KnownChats, Membership
from tests.handlers.support.fakes.changes import FakeChanges
from tests.handlers.support.fakes.chats import FakeChats
from tests.handlers.support.fakes.messages import FakeMessages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.changes import Effect
    from chat.domain import Member
    from chat.ports.chats import Entered

GROUP = "g:01JD5ZCV7M3V8Q6N1T9RZK4W2E"
CHANNEL = "c:01JD5ZD0T5S2F3QH0JX9A7M1RN"
CHATS = pytest.mark.parametrize("chat_id", [GROUP, CHANNEL])
AT = "2026-11-21T12:00:00.000Z"


class RacedChats(FakeChats):
    """A group and a channel of alice and bob, who may be removed at the very moment when it is read."""

    def __init__(self) -> None:
        messages = FakeMessages()
        super().__init__(messages)
        self.changes = FakeChanges(messages, self)
        self.racing = False
        for chat_id, kind in ((GROUP, "group"), (CHANNEL, "channel")):
            places = {"alice": Place("owner", 0, 0), "bob": Place("admin", 0, 0)}
            self.create(
                Roster(
                    chat_id=chat_id,
                    kind=kind,
                    name="n",
                    history="start",
                    created_by="alice",
                    created_at=AT,
                    places=places,
                )
            )
            assert self.changes.put(chat_id, Change(number=1, by="alice", at=AT, name="n"), [])

    def enter(self, chat_id: str, user_id: str, seq: int) -> Entered | None:
        """Read the roster."""
        self._race(chat_id)
        return super().enter(chat_id, user_id, seq)

    def list_members(self, chat_id: str) -> Sequence[Member]:
        """Read the members."""
        self._race(chat_id)
        return super().list_members(chat_id)

    def remove_bob(self, chat_id: str) -> None:
        """As the second change."""
        change = Change(number=2, by="alice", at=AT, removed=["bob"])
        effects: list[Effect] = [
            RosterVersion(self.rosters[chat_id].without("bob")),
            Dismissed(chat_id, "bob"),
        ]
        assert self.changes.put(chat_id, change, effects)

    def _race(self, chat_id: str) -> None:
        if self.racing:
            self.racing = False
            self.remove_bob(chat_id)


@pytest.fixture
def chats() -> RacedChats:
    """Each with one change."""
    return RacedChats()


@pytest.fixture
def members(chats: RacedChats) -> MemberList:
    """Lists them."""
    return MemberList(Membership(chats, KnownChats()), chats, chats.changes)


@CHATS
def test_list_that_a_removal_overtakes_does_not_claim_it(
    chats: RacedChats, members: MemberList, chat_id: str
) -> None:
    """What came between the two reads may be in the list, and is not promised to be."""
    chats.racing = True
    body = members("alice", chat_id)
    assert ([member.user_id for member in body.members], body.last_change) == (["alice"], 1)
    assert chats.changes.tail(chat_id) == 2


@CHATS
def test_list_after_a_removal_claims_it(chats: RacedChats, members: MemberList, chat_id: str) -> None:
    """And does not show who was removed."""
    chats.remove_bob(chat_id)
    body = members("alice", chat_id)
    assert ([member.user_id for member in body.members], body.last_change) == (["alice"], 2)


@CHATS
def test_list_is_refused_to_strangers(members: MemberList, chat_id: str) -> None:
    """To them there is no such chat."""
    with pytest.raises(ChatError, match="unknown_chat"):
        members("eve", chat_id)
