"""The adapters of groups and channels: their items' conditions, and the directory of channels."""

from __future__ import annotations

import pytest
from ulid import ULID

from chat.adapters import aws as aws_clients
from chat.adapters.changes import ChangesTable
from chat.adapters.channels import ChannelsTable
from chat.adapters.chats import ChatsTable
from chat.adapters.receipts import ReceiptsTable
from chat.changes import Admitted, Dismissed, Effect, Ranked, RosterVersion
from chat.domain import CHANNEL, Change, Channel, Member
from chat.ports.chats import Watermarks
from chat.roster import Place, Roster
from tests.handlers.support.service import Parley  # noqa: TC001 - a fixture's type


class Tables:
    """The adapters over the recorded engine, and a channel with an owner."""

    def __init__(self) -> None:
        client = aws_clients.dynamodb()
        self.chats = ChatsTable(client, "chats", "messages")
        self.channels = ChannelsTable(client, "chats")
        self.changes = ChangesTable(client, "messages", "chats")
        self.receipts = ReceiptsTable(client, "chats")
        self.roster = self.channel(f"Radio {ULID()}")
        self.chat_id = self.roster.chat_id

    def channel(self, name: str) -> Roster:
        """Create a channel."""
        return self.chats.create(
            Roster(
                chat_id=f"c:{ULID()}",
                kind=CHANNEL,
                name=name,
                history="start",
                created_by="owner",
                created_at="2027-01-15T08:00:00.000Z",
                places={"owner": Place("owner", 0, 0)},
            )
        )


@pytest.fixture
def tables(parley: Parley) -> Tables:
    """The adapters; nothing recorded yet."""
    assert parley.aws.calls == []
    return Tables()


def test_chat_that_exists_is_found_in_place_of_created(tables: Tables) -> None:
    """With its own roster, whatever was wanted."""
    found = tables.chats.create(tables.roster.renamed("Other").having("b", Place("member", 0, 0)))
    assert found == tables.roster
    assert tables.chats.standing(tables.chat_id, "b") is None


def test_effects_of_a_change_are_written_together(tables: Tables) -> None:
    """The roster, and the items of who comes, goes or has another role."""
    assert tables.channels.join(tables.chat_id, "b", "t", 0)
    now = tables.roster.having("b", Place("owner", 0, 1)).without("owner").renamed("New")
    change = Change(number=1, by="owner", at="t", removed=["owner"], members=[Member("b", "owner")])
    place = Place("admin", 3, 1)
    effects: list[Effect] = [
        RosterVersion(now.having("c", place)),
        Ranked(tables.chat_id, "b", "owner"),
        Dismissed(tables.chat_id, "owner"),
        Admitted(tables.chat_id, "c", place, "t"),
    ]
    assert tables.changes.put(tables.chat_id, change, effects)
    entered = tables.chats.enter(tables.chat_id, "c", 0)
    assert entered is not None
    assert entered.roster == now.having("c", place)
    assert (entered.standing.role, entered.standing.watermarks.visible_after) == ("admin", 3)
    promoted = tables.chats.standing(tables.chat_id, "b")
    assert promoted is not None
    assert promoted.role == "owner"
    assert tables.chats.enter(tables.chat_id, "owner", 0) is None
    assert tables.changes.after(tables.chat_id, 0, 10).changes == [change]


def test_member_of_a_channel_who_has_left_is_not_promoted(tables: Tables) -> None:
    """They leave without a change that this one would meet: nothing of it is written."""
    assert tables.channels.join(tables.chat_id, "b", "t", 0)
    assert tables.channels.leave(tables.chat_id, "b")
    change = Change(number=1, by="owner", at="t", members=[Member("b", "admin")])
    now = tables.roster.having("b", Place("admin", 0, 1))
    effects: list[Effect] = [RosterVersion(now), Ranked(tables.chat_id, "b", "admin")]
    assert not tables.changes.put(tables.chat_id, change, effects)
    assert tables.changes.tail(tables.chat_id) == 0
    entered = tables.chats.enter(tables.chat_id, "owner", 0)
    assert entered is not None
    assert entered.roster == tables.roster


def test_only_plain_members_leave_a_channel_without_a_change(tables: Tables) -> None:
    """Not its owner, and not who is not in it."""
    assert not tables.channels.leave(tables.chat_id, "owner")
    assert not tables.channels.leave(tables.chat_id, "stranger")
    assert tables.chats.standing(tables.chat_id, "owner") is not None


def test_joining_again_keeps_what_the_member_has(tables: Tables) -> None:
    """The role above all."""
    assert tables.channels.join(tables.chat_id, "owner", "later", 7)
    standing = tables.chats.standing(tables.chat_id, "owner")
    assert standing is not None
    assert (standing.role, standing.watermarks.since) == ("owner", 0)
    assert not tables.channels.join(f"c:{ULID()}", "owner", "t", 0)


def test_marks_say_since_which_change_their_member_is_in_the_chat(tables: Tables) -> None:
    """Of who was added by a change, and of who joined a channel after one; marking leaves it as it is."""
    effects: list[Effect] = [Admitted(tables.chat_id, "b", Place("member", 0, 1), "t")]
    change = Change(number=1, by="owner", at="t", members=[Member("b", "member")])
    assert tables.changes.put(tables.chat_id, change, effects)
    assert tables.channels.join(tables.chat_id, "c", "t", 1)
    for user_id, since in (("owner", 0), ("b", 1), ("c", 1)):
        assert tables.receipts.advance(tables.chat_id, user_id, "read", 5) == (
            Watermarks(5, 5, 0, since),
            True,
        )


def test_oldest_member_of_a_channel_is_who_joined_first(tables: Tables) -> None:
    """But for the one who leaves."""
    for user_id, at in (("z", "2027-01-16"), ("y", "2027-01-17"), ("x", "2027-01-18")):
        tables.channels.join(tables.chat_id, user_id, at, 0)
    assert tables.channels.oldest_member(tables.chat_id, "owner") == "z"
    for user_id in "xyz":
        tables.channels.leave(tables.chat_id, user_id)
    assert tables.channels.oldest_member(tables.chat_id, "owner") is None


def test_channels_are_found_by_prefix_in_the_order_of_their_names(tables: Tables) -> None:
    """In any case; a longer prefix where there are more than fit."""
    mark = str(ULID())
    named = {name: tables.channel(f"{mark} {name}").chat_id for name in ("beta", "Alpha", "gamma")}
    found, has_more = tables.channels.search(mark.lower(), 2)
    assert found == [Channel(named[name], f"{mark} {name}") for name in ("Alpha", "beta")]
    assert has_more
    assert tables.channels.search(f"{mark} G", 2) == ([Channel(named["gamma"], f"{mark} gamma")], False)
    everything, _ = tables.channels.search("", 1)
    assert len(everything) == 1
