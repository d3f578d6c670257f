"""Two people talk: what one sends is acked to the sender and shown to both, live, on every device."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import People, Person


async def test_conversation_both_ways_is_acked_and_shown_to_both(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Each message is acked with its number, then both see the same conversation in the same order."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice) as hers, parley.device(bob) as his:
        acked = []
        for turn in range(3):
            acked.append(await hers.client.send(chat_id, f"question {turn}"))
            await his.shows(chat_id, 2 * turn + 1)
            acked.append(await his.client.send(chat_id, f"answer {turn}"))
            await hers.shows(chat_id, 2 * turn + 2)
        assert [message.seq for message in acked] == [1, 2, 3, 4, 5, 6]
        seen_by_her, seen_by_him = await hers.shows(chat_id, 6), await his.shows(chat_id, 6)
    assert [message.text for message in seen_by_her] == [
        text for turn in range(3) for text in (f"question {turn}", f"answer {turn}")
    ]
    assert [message.sender_id for message in seen_by_her] == [alice.user_id, bob.user_id] * 3
    assert seen_by_him == seen_by_her
    assert [message.id for message in acked] == [message.id for message in seen_by_her]


async def test_conversation_of_two_who_never_met_begins_with_a_search(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Alice finds bob by name, opens a chat and writes; bob, online, is shown a chat he did not know."""
    async with parley.device(bob) as his, parley.device(alice) as hers:
        found = await hers.client.users(bob.username)
        chat = await hers.client.create_direct_chat(found[0].user_id)
        await hers.client.send(chat.chat_id, "hello")
        assert [message.text for message in await his.shows(chat.chat_id, 1)] == ["hello"]
        assert [listed.chat_id for listed in await his.client.chats()] == [chat.chat_id]


async def test_conversation_text_of_every_script_arrives_as_it_was(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Characters of every kind, and a text as long as may be, come out as they went in."""
    texts = ["žluťoučký 猫 🐈‍⬛ 👩‍👩‍👧", "\"\\ ' </script> {{ }} %s $& \u2028", " \n\t ", "x" * 4_096]
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice) as hers, parley.device(bob) as his:
        for text in texts:
            await hers.client.send(chat_id, text)
        assert [message.text for message in await his.shows(chat_id, len(texts))] == texts
    assert [message["text"] for message in await parley.history(bob, chat_id)] == texts


async def test_conversation_is_the_same_on_all_devices_of_both(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """With two devices each, what any of the four sends is shown once, in one order, on all four."""
    chat_id = await parley.direct_chat(alice, bob)
    async with (
        parley.device(alice) as her_phone,
        parley.device(alice) as her_laptop,
        parley.device(bob) as his_phone,
        parley.device(bob) as his_laptop,
    ):
        devices = (her_phone, his_phone, her_laptop, his_laptop)
        for number, device in enumerate(devices):
            await device.client.send(chat_id, f"from device {number}")
        views = [await device.shows(chat_id, len(devices)) for device in devices]
    assert [message.text for message in views[0]] == [f"from device {number}" for number in range(4)]
    assert all(view == views[0] for view in views)


async def test_conversation_begins_at_sign_up(parley: Parley, people: People, alice: Person) -> None:
    """Somebody signs up by themselves, is confirmed, signs in with the password and is answered in a chat."""
    newcomer = people.sign_up("newcomer")
    chat_id = await parley.direct_chat(newcomer, alice)
    async with parley.device(newcomer) as theirs, parley.device(alice) as hers:
        await theirs.client.send(chat_id, "I am new here")
        await hers.shows(chat_id, 1)
        await hers.client.send(chat_id, "welcome")
        assert [message.text for message in await theirs.shows(chat_id, 2)] == ["I am new here", "welcome"]
