"""One run: five users at eight devices in groups and direct chats, and the verdict on it."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from e2e.support.groups import open_group
from e2e.support.whole_chat import promises
from e2e.support.whole_chat.actor import WEIGHTS, Actor
from e2e.support.whole_chat.comparison import differences
from e2e.support.whole_chat.device import RovingDevice
from e2e.support.whole_chat.fresh import fetch_chats, statuses
from e2e.support.whole_chat.record import Record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.whole_chat.fresh import FreshChat
    from harness.outputs import Outputs

OVERTIME = 300.0
"""Seconds in which everyone has ended what they were at; on two idle cores it is a fraction of one."""
QUIET_WITHIN = 180.0
"""Seconds after the last action in which every device is to be level."""

DEVICES = {
    "alice": ("phone", "laptop"),
    "bob": ("phone", "laptop"),
    "carol": ("phone", "laptop"),
    "dave": ("phone",),
    "erin": ("phone",),
}
"""Whose devices there are."""

DIRECT = (("alice", "bob"), ("bob", "carol"), ("carol", "dave"), ("alice", "erin"))
"""Who talk with each other alone."""

GROUPS = {
    "start": (("alice", "bob", "carol", "dave"), ("dave", "alice", "erin")),
    "joining": (("bob", "carol", "erin"), ("carol", "alice", "dave", "erin")),
}
"""Each group's members, its owner first, by what of its history those see who come later."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """The chats of a run."""

    founders: Mapping[str, Person]
    """Of each chat, somebody who is a member from beginning to end."""
    groups: Sequence[str]
    joining: Sequence[str]
    """Groups of which who comes later sees only what follows."""


async def open_rooms(parley: Parley, people: Mapping[str, Person]) -> Rooms:
    """Open all chats."""
    founders: dict[str, Person] = {}
    groups: dict[str, list[str]] = {}
    for one, other in DIRECT:
        founders[await parley.direct_chat(people[one], people[other])] = people[one]
    for history, clubs in GROUPS.items():
        for owner, *others in clubs:
            members = [people[other] for other in others]
            room = await open_group(parley, people[owner], *members, history=history)
            founders[room.chat_id] = people[owner]
            groups.setdefault(history, []).append(room.chat_id)
    return Rooms(founders, [*groups["start"], *groups["joining"]], groups["joining"])


@asynccontextmanager
async def open_devices(stack: Outputs, people: Mapping[str, Person]) -> AsyncIterator[list[RovingDevice]]:
    """Have everyone's devices on for as long as the block lasts."""
    devices = [
        RovingDevice(stack, people[name], f"{name}'s {kind}")
        for name, kinds in DEVICES.items()
        for kind in kinds
    ]
    try:
        for device in devices:
            await device.open()
        yield devices
    finally:
        for device in devices:
            await device.close()


async def live(devices: Sequence[RovingDevice], seed: int, seconds: float) -> Record:
    """Have a user act at each device for so many seconds, or until something of each kind was done."""
    record = Record(until=time.monotonic() + seconds, kinds=frozenset(WEIGHTS))
    everyone = sorted({device.person.user_id for device in devices})
    async with asyncio.timeout(seconds + OVERTIME), asyncio.TaskGroup() as tasks:
        for device in devices:
            tasks.create_task(Actor(device, everyone, record, seed).act())
    return record


async def complaints_of(
    parley: Parley, people: Sequence[Person], devices: Sequence[RovingDevice], rooms: Rooms, record: Record
) -> list[str]:
    """Wait until every device is level with a fresh fetch, then say which promises are broken."""
    fetched, found = await _level(parley, people, devices)
    whole = {chat_id: fetched[one.user_id][chat_id].messages for chat_id, one in rooms.founders.items()}
    found += record.complaints
    found += [complaint for device in devices for complaint in device.complaints]
    found += promises.one_order(fetched)
    found += promises.whole_from_the_start(whole)
    found += promises.sends_kept(record, devices, whole)
    found += promises.own_order_kept(record, whole)
    found += promises.changes_kept(record, whole)
    found += promises.nothing_hidden_shown(record, devices, rooms.joining)
    found += [
        complaint
        for chat_id, founder in rooms.founders.items()
        for person in people
        async for complaint in _membership(parley, person, chat_id, fetched, founder)
    ]
    return found


async def _level(
    parley: Parley, people: Sequence[Person], devices: Sequence[RovingDevice]
) -> tuple[dict[str, dict[str, FreshChat]], list[str]]:
    """Fetch everything until every device is quiet and holds the same; give it, and what still differs."""
    deadline = time.monotonic() + QUIET_WITHIN
    while True:
        restless = [f"{device.name} is not quiet" for device in devices if not device.is_quiet]
        late = time.monotonic() > deadline
        if not restless or late:
            fetched = {person.user_id: await fetch_chats(parley, person) for person in people}
            found = [one for device in devices for one in differences(device, fetched[device.person.user_id])]
            if late or not found:
                return fetched, restless + found
        await asyncio.sleep(0.2)


async def _membership(
    parley: Parley,
    person: Person,
    chat_id: str,
    fetched: Mapping[str, Mapping[str, FreshChat]],
    founder: Person,
) -> AsyncIterator[str]:
    """See that the chat is in a user's listing if and only if its founder sees them in it, else unknown."""
    members = {member.user_id for member in fetched[founder.user_id][chat_id].members}
    if (person.user_id in members) != (chat_id in fetched[person.user_id]):
        yield f"{person.username} and {chat_id}: the listing of chats and that of members disagree"
    if person.user_id not in members and (answers := await statuses(parley, person, chat_id)) != {404}:
        yield f"{person.username} is not in {chat_id}, and asking for it is answered with {answers}"
