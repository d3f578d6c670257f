"""Two regions share every chat: one order in both, and either may die without an acked message lost."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from e2e.support.deadlines import eventually
from e2e.support.devices import open_device
from e2e.support.files import Files, png, send_file, web
from e2e.support.groups import open_group
from e2e.support.parley import reach
from e2e.support.people import People
from e2e.support.regions import HOME, OTHER, two_regions
from harness.users import UserPool
from parley_client.errors import NotReachable
from parley_client.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.support.people import Person
    from e2e.support.regions import RegionalStack, TwoRegions

pytestmark = [
    pytest.mark.slow,
    pytest.mark.embedded_only("only localcloud loses a region on purpose"),
]
COUNT = 5
"""Messages that each writes at a time."""
EAGER = Policy(reconnect_cap=1.0)
"""A client that tries again within a second, however long its region is gone."""


@pytest.fixture(scope="module")
def regions() -> Iterator[TwoRegions]:
    """Deploy the stack to two regions."""
    with pytest.MonkeyPatch.context() as environment, tempfile.TemporaryDirectory() as folder:
        environment.setenv("LOCALCLOUD_OTHER_REGIONS", OTHER)
        with two_regions(Path(folder)) as regions:
            yield regions


@pytest.fixture
def people(regions: TwoRegions) -> People:
    """Give the maker of users, in the one user pool of both regions."""
    return People(UserPool.of(regions.home.target, regions.home.outputs))


async def group_of(stack: RegionalStack, owner: Person, *others: Person) -> str:
    """Open a group of people who have all been here before; give its chat id."""
    async with reach(stack.outputs) as parley:
        return (await open_group(parley, owner, *others)).chat_id


async def numbers(stack: RegionalStack, chat_id: str) -> list[int]:
    """Give the numbers of a chat's messages in a region's own replica."""
    page = await asyncio.to_thread(
        stack.dynamodb.query,
        TableName="parley-messages",
        KeyConditionExpression="chatId = :chat",
        ExpressionAttributeValues={":chat": {"S": chat_id}},
        ConsistentRead=True,
    )
    return [int(item["seq"]["N"]) for item in page["Items"]]


async def where(home: RegionalStack, person: Person) -> set[str]:
    """Give the regions in which a person has connections, by what the home's table says of them."""
    found = await asyncio.to_thread(
        home.dynamodb.get_item,
        TableName="parley-connections",
        Key={"userId": {"S": person.user_id}},
        ConsistentRead=True,
    )
    return {kept["M"]["region"]["S"] for kept in found["Item"].values() if "M" in kept}


async def led_to(home: RegionalStack, person: Person) -> set[str]:
    """Open a device at the domain; give the regions where its owner has connections, none where it fails."""
    try:
        async with open_device(home.shared, person):
            return await where(home, person)
    except NotReachable:
        return set()


async def test_users_of_two_regions_are_shown_one_order(regions: TwoRegions, people: People) -> None:
    """Both write at once, each in a region of their own: each message is in each history once, as pushed."""
    alice, bob = people.join("alice"), people.join("bob")
    chat_id = await group_of(regions.home, alice, bob)
    texts = [[f"{name} {number}" for number in range(COUNT)] for name in ("alice", "bob")]
    async with (
        open_device(regions.home.outputs, alice) as hers,
        open_device(regions.other.outputs, bob) as his,
    ):
        await asyncio.gather(hers.write(chat_id, texts[0]), his.write(chat_id, texts[1]))
        shown = [await device.shows(chat_id, 2 * COUNT) for device in (hers, his)]
    assert shown[0] == shown[1]
    assert [message.seq for message in shown[0]] == list(range(1, 2 * COUNT + 1))
    assert sorted(message.text for message in shown[0]) == sorted(texts[0] + texts[1])


async def test_file_of_one_region_is_opened_and_deleted_in_the_other(
    regions: TwoRegions, people: People
) -> None:
    """By a link that the reader's own region signs: the file has come to its bucket, and goes from there."""
    alice, bob = people.join("alice"), people.join("bob")
    image = png(64, 48)
    async with reach(regions.home.outputs) as here, reach(regions.other.outputs) as there, web() as browser:
        chat_id = await here.direct_chat(alice, bob)
        sent, read = Files(here, browser), Files(there, browser)
        media_id = await sent.upload(alice, chat_id, image)
        async with here.socket(alice) as socket:
            assert (await socket.ask(send_file(chat_id, 0, media_id)))["type"] == "ack"
        link = await read.link(bob, chat_id, media_id)
        assert urlsplit(link).path != urlsplit(await sent.link(bob, chat_id, media_id)).path
        opened = await eventually(lambda: read.open(link), lambda answer: answer.status_code == 200)
        assert opened.content == image
        deleted = await here.rest.delete(f"/chats/{chat_id}/messages/1", headers=alice.authorization)
        assert deleted.is_success, deleted.text
        await eventually(lambda: read.open(link), lambda answer: answer.status_code in (403, 404))


async def test_users_of_one_name_go_on_in_another_region_when_theirs_dies(
    regions: TwoRegions, people: People
) -> None:
    """Each is led to the nearest one; Bob's dies with a message of his on the way, and comes back."""
    alice, bob, carol = people.join("alice"), people.join("bob"), people.join("carol")
    chat_id = await group_of(regions.home, alice, bob)
    async with AsyncExitStack() as devices:
        regions.be_near(HOME)
        hers = await devices.enter_async_context(open_device(regions.home.shared, alice, policy=EAGER))
        regions.be_near(OTHER)
        his = await devices.enter_async_context(open_device(regions.other.shared, bob, policy=EAGER))
        assert [await where(regions.home, each) for each in (alice, bob)] == [{HOME}, {OTHER}]
        await hers.write(chat_id, ["before"])
        await his.shows(chat_id, 1)
        regions.lose(OTHER)
        his.client.enqueue(chat_id, "sent into the void")
        await hers.write(chat_id, ["meanwhile"])
        shown = [await device.shows(chat_id, 3) for device in (hers, his)]
        assert HOME in await where(regions.home, bob)
        regions.regain(OTHER)
        await eventually(lambda: led_to(regions.home, carol), lambda seen: seen == {OTHER})
    assert [message.seq for message in shown[0]] == [message.seq for message in shown[1]] == [1, 2, 3]
    assert sorted(message.text for message in shown[1]) == ["before", "meanwhile", "sent into the void"]


async def test_home_region_that_dies_is_replaced_and_comes_back(regions: TwoRegions, people: People) -> None:
    """The runbook: the other becomes the home with every message, and users of the domain are led to it.

    The first is led to by nobody, though it answers again, until it follows the new home.
    """
    alice, bob, carol = people.join("alice"), people.join("bob"), people.join("carol")
    chat_id = await group_of(regions.home, alice, bob)
    regions.be_near(HOME)
    async with AsyncExitStack() as devices:
        hers = await devices.enter_async_context(open_device(regions.home.shared, alice, policy=EAGER))
        acked = [(await hers.client.send(chat_id, f"before {number}")).seq for number in range(COUNT)]
        await eventually(lambda: numbers(regions.other, chat_id), lambda seen: seen == acked)
        regions.fence(HOME)  # IAM is changed in us-east-1, which is about to die
        regions.lose(HOME)
        hers.client.enqueue(chat_id, "sent into the void")
        await asyncio.to_thread(regions.other.deploy, HomeRegion=OTHER)
        await eventually(lambda: led_to(regions.other, carol), lambda seen: seen == {OTHER})
        his = await devices.enter_async_context(open_device(regions.home.shared, bob))
        assert [message.seq for message in await his.shows(chat_id, COUNT + 1)] == [*acked, COUNT + 1]
        await his.write(chat_id, ["from the new home"])
        await hers.shows(chat_id, COUNT + 2)
        regions.regain(HOME)
        async with reach(regions.home.outputs) as old_home, reach(regions.home.shared) as domain:
            refused = await old_home.rest.post("/tickets", headers=bob.authorization)
            assert refused.status_code == 500, refused.text
            assert (await old_home.rest.get("/health")).status_code == 503
            await domain.ticket(bob)
        await asyncio.to_thread(regions.home.deploy, HomeRegion=OTHER)
        await eventually(lambda: led_to(regions.other, carol), lambda seen: HOME in seen)
        away = await devices.enter_async_context(open_device(regions.home.shared, bob))
        await away.write(chat_id, ["from the old one"])
        shown = await his.shows(chat_id, COUNT + 3)
    assert [message.seq for message in shown] == list(range(1, COUNT + 4))
    assert [message.text for message in shown][COUNT:] == [
        "sent into the void", "from the new home", "from the old one",
    ]  # fmt: skip
    await eventually(lambda: numbers(regions.home, chat_id), lambda seen: seen == list(range(1, COUNT + 4)))
