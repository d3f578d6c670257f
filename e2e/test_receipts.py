"""Receipts: how far each member holds and has read a chat, on all devices, and exactly what is unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ulid import ULID

from e2e.support.deadlines import eventually
from e2e.support.groups import open_channel, open_group
from e2e.support.parley import ping, send_message
from e2e.support.receipts import mark

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Socket


def receipts(socket: Socket) -> list[tuple[str, int, int]]:
    """Give the receipts that were pushed to a socket: of whom, delivered, read."""
    return [
        (frame["userId"], frame["deliveredSeq"], frame["readSeq"])
        for frame in socket.frames
        if frame["type"] == "receipt" and "requestId" not in frame
    ]


async def unread(parley: Parley, person: Person) -> dict[str, int]:
    """Count what a person has not read, by chat."""
    response = await parley.rest.get("/unread", headers=person.authorization)
    assert response.status_code == 200, response.text
    counts = {chat["chatId"]: chat["unread"] for chat in response.json()["chats"]}
    assert response.json()["total"] == sum(counts.values())
    return counts


@pytest.fixture
async def chat_id(parley: Parley, alice: Person, bob: Person) -> str:
    """Open a chat in which alice has written three messages."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        assert (await socket.ask(send_message(chat_id, 0, "1", "2", "3")))["type"] == "ack"
    return chat_id


async def test_receipt_reaches_the_other_member_and_the_readers_other_devices(
    parley: Parley, chat_id: str, alice: Person, bob: Person
) -> None:
    """Of what bob's phone holds and he reads there, alice and his laptop hear; the phone is answered."""
    async with parley.socket(alice) as hers, parley.socket(bob) as phone, parley.socket(bob) as laptop:
        delivered = await phone.ask(mark("markDelivered", chat_id, 3))
        assert (delivered["type"], delivered["deliveredSeq"], delivered["readSeq"]) == ("receipt", 3, 0)
        read = await phone.ask(mark("markRead", chat_id, 2))
        assert (read["userId"], read["deliveredSeq"], read["readSeq"]) == (bob.user_id, 3, 2)
        expected = [(bob.user_id, 3, 0), (bob.user_id, 3, 2)]
        for socket in (hers, laptop):
            await socket.until(lambda seen: receipts(seen) == expected)
        await phone.ask(ping())
        assert receipts(phone) == []


async def test_receipt_does_not_reach_who_is_blocked_or_blocks(
    parley: Parley, chat_id: str, alice: Person, bob: Person
) -> None:
    """Bob's marks move, and his laptop hears of it; alice, whom he has blocked, does not, nor he of hers."""
    blocked = await parley.rest.put(f"/users/me/blocks/{alice.user_id}", headers=bob.authorization)
    assert blocked.status_code == 200, blocked.text
    async with parley.socket(alice) as hers, parley.socket(bob) as phone, parley.socket(bob) as laptop:
        assert (await phone.ask(mark("markRead", chat_id, 2)))["readSeq"] == 2
        assert (await hers.ask(mark("markRead", chat_id, 3)))["readSeq"] == 3
        await laptop.until(lambda seen: receipts(seen) == [(bob.user_id, 2, 2)])
        for socket in (hers, phone, laptop):
            await socket.ask(ping())
        assert [receipts(socket) for socket in (hers, phone, laptop)] == [[], [], [(bob.user_id, 2, 2)]]


async def test_receipt_over_http_means_what_the_frame_means(
    parley: Parley, chat_id: str, alice: Person, bob: Person
) -> None:
    """PUT of watermarks moves the same marks, and all of bob's devices hear of it."""
    async with parley.socket(alice) as hers, parley.socket(bob) as his:
        response = await parley.rest.put(
            f"/chats/{chat_id}/watermarks", headers=bob.authorization, json={"deliveredSeq": 3, "readSeq": 1}
        )
        assert response.status_code == 200, response.text
        assert response.json() == {"chatId": chat_id, "userId": bob.user_id, "deliveredSeq": 3, "readSeq": 1}
        for socket in (hers, his):
            await socket.until(lambda seen: receipts(seen) == [(bob.user_id, 3, 1)])
        assert (await his.ask(mark("markRead", chat_id, 1)))["deliveredSeq"] == 3


async def test_receipt_never_goes_back_nor_past_the_last_message(
    parley: Parley, chat_id: str, alice: Person, bob: Person
) -> None:
    """What would go back is answered with what stands, what is not written refused; alice hears nothing."""
    async with parley.socket(alice) as hers, parley.socket(bob) as his:
        await his.ask(mark("markRead", chat_id, 3))
        for action, seq in (("markRead", 1), ("markDelivered", 2), ("markRead", 3), ("markRead", 0)):
            answer = await his.ask(mark(action, chat_id, seq))
            assert (answer["deliveredSeq"], answer["readSeq"]) == (3, 3)
        refused = await his.ask(mark("markRead", chat_id, 4))
        assert (refused["type"], refused["code"], refused["definite"]) == ("error", "unknown_message", True)
        await hers.ask(ping())
        assert receipts(hers) == [(bob.user_id, 3, 3)]


async def test_unread_counts_are_exact_for_all_chats_and_the_same_on_all_devices(
    parley: Parley, chat_id: str, alice: Person, bob: Person, carol: Person
) -> None:
    """What bob reads on one device is read on the other, and only there where he read it."""
    with_carol = await parley.direct_chat(bob, carol)
    async with parley.socket(carol) as hers:
        await hers.ask(send_message(with_carol, 0, "one", "two"))
    assert await eventually(lambda: unread(parley, bob), lambda counts: len(counts) == 2) == {
        chat_id: 3,
        with_carol: 2,
    }
    async with parley.socket(bob) as phone, parley.socket(bob) as laptop:
        await phone.ask(mark("markDelivered", chat_id, 3))
        assert await unread(parley, bob) == {chat_id: 3, with_carol: 2}
        await phone.ask(mark("markRead", chat_id, 2))
        await laptop.ask(mark("markRead", with_carol, 2))
        assert await unread(parley, bob) == {chat_id: 1, with_carol: 0}
        async with parley.socket(alice) as hers:
            await hers.ask(send_message(chat_id, 3, "4"))
        assert await unread(parley, bob) == {chat_id: 2, with_carol: 0}


async def test_outsider_marks_nothing_and_nobody_hears_of_it(
    parley: Parley, chat_id: str, alice: Person, bob: Person, mallory: Person
) -> None:
    """By neither API, whatever the number; and mallory's counts tell of no chat."""
    async with parley.socket(alice) as hers, parley.socket(mallory) as outsider:
        for action in ("markRead", "markDelivered"):
            for seq in (0, 2, 9):
                refused = await outsider.ask(mark(action, chat_id, seq))
                assert (refused["type"], refused["code"]) == ("error", "unknown_chat")
        response = await parley.rest.put(
            f"/chats/{chat_id}/watermarks",
            headers=mallory.authorization,
            json={"readSeq": 1, "userId": bob.user_id},
        )
        assert response.status_code == 400, response.text
        await hers.ask(ping())
        assert receipts(hers) == []
    assert await unread(parley, mallory) == {}
    assert (await eventually(lambda: unread(parley, bob)))[chat_id] == 3


async def test_receipt_in_a_group_reaches_all_members_and_in_a_channel_the_readers_devices_alone(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """Carol reads in a group of three, and in a channel: there nobody else hears of it."""
    group = await open_group(parley, alice, bob, carol)
    channel = await open_channel(parley, alice, f"News {ULID()}")
    assert (await channel.add(carol, carol)).status_code == 200
    async with parley.socket(alice) as hers, parley.socket(bob) as his, parley.socket(carol) as phone:
        for room in (group, channel):
            assert (await hers.ask(send_message(room.chat_id, 0, "hello")))["type"] == "ack"
        async with parley.socket(carol) as laptop:
            assert (await phone.ask(mark("markRead", channel.chat_id, 1)))["type"] == "receipt"
            assert (await phone.ask(mark("markRead", group.chat_id, 1)))["type"] == "receipt"
            for socket in (hers, his):
                await socket.until(lambda seen: receipts(seen) == [(carol.user_id, 1, 1)])
            await laptop.until(lambda seen: len(receipts(seen)) == 2)
    assert (await unread(parley, carol)) == {group.chat_id: 0, channel.chat_id: 0}


async def test_who_was_removed_from_a_group_marks_nothing_there(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """At once: carol's mark is refused as in a chat that does not exist, and hers to count no more."""
    group = await open_group(parley, alice, bob, carol)
    async with parley.socket(alice) as hers, parley.socket(carol) as outsider:
        await hers.ask(send_message(group.chat_id, 0, "hello"))
        assert (await outsider.ask(mark("markDelivered", group.chat_id, 1)))["type"] == "receipt"
        assert (await group.remove(alice, carol)).status_code == 200
        refused = await outsider.ask(mark("markRead", group.chat_id, 1))
        assert (refused["type"], refused["code"]) == ("error", "unknown_chat")
    assert await unread(parley, carol) == {}
