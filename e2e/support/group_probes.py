"""What the functions of groups and channels are there for: probes that fail where it is not done."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ulid import ULID

from e2e.support.groups import Room, join_chat, leave_chat, open_channel, open_group
from e2e.support.scenes import Scene  # noqa: TC001 - beside the others that run
from e2e.support.telling import telling

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


async def group(scene: Scene) -> Room:
    """Open a group of alice's with bob."""
    return await open_group(scene.parley, scene.alice, scene.bob)


async def channel(scene: Scene) -> Room:
    """Open a channel of alice's, which bob has not joined."""
    return await open_channel(scene.parley, scene.alice, f"News {secrets.token_hex(6)}")


async def joined_channel(scene: Scene) -> Room:
    """Open a channel of alice's that bob has joined."""
    room = await channel(scene)
    assert (await room.add(scene.bob, scene.bob)).status_code == 200
    return room


async def nothing(scene: Scene) -> Room:
    """Open nothing."""
    return Room(scene.parley, scene.chat_id)


async def creates(scene: Scene, _room: Room) -> None:
    """Alice creates a group with bob."""
    body = {"kind": "group", "id": str(ULID()), "name": "Club", "memberIds": [scene.bob.user_id]}
    assert (await scene.rest(scene.alice, "POST", "/chats", body)).status_code == 201


async def describes(scene: Scene) -> None:
    """A group is described by its name."""
    assert (await (await group(scene)).chat(scene.bob))["name"] == "Club"


async def renames(scene: Scene, room: Room) -> None:
    """Alice renames."""
    assert (await room.rename(scene.alice, "New")).status_code == 200


async def mutes(scene: Scene) -> None:
    """Alice mutes bob."""
    room = await nothing(scene)
    assert (await room.mute(scene.alice, "2030-01-01T00:00:00.000Z")).status_code == 200


async def promotes(scene: Scene, room: Room) -> None:
    """Alice makes bob an admin."""
    assert (await room.add(scene.alice, scene.bob, "admin")).status_code == 200


async def removes_and_adds(scene: Scene) -> None:
    """Alice removes bob and adds him again, and he is listed."""
    room = await group(scene)
    assert (await room.remove(scene.alice, scene.bob)).status_code == 200
    assert (await room.add(scene.alice, scene.bob)).status_code == 201
    assert len(await room.roles(scene.bob)) == len((scene.alice, scene.bob))


async def tells_what_one_is_in(scene: Scene) -> None:
    """Who is in a direct chat is a member."""
    assert (await (await nothing(scene)).add(scene.alice, scene.alice)).status_code == 200


async def finds(scene: Scene) -> None:
    """Channels are listed."""
    assert (await scene.rest(scene.alice, "GET", "/channels?q=news")).status_code == 200


async def joins(scene: Scene, room: Room) -> None:
    """Bob joins."""
    assert (await scene.ask(scene.bob, join_chat(room.chat_id))).get("type") == "chat"


async def joins_what_he_is_in(scene: Scene) -> None:
    """Bob is told of the direct chat."""
    await joins(scene, await nothing(scene))


async def leaves(scene: Scene, room: Room) -> None:
    """Bob leaves."""
    assert (await scene.ask(scene.bob, leave_chat(room.chat_id))).get("type") == "left"


async def hands_over(scene: Scene) -> None:
    """Alice leaves her channel to bob."""
    room = await joined_channel(scene)
    assert (await scene.ask(scene.alice, leave_chat(room.chat_id))).get("type") == "left"
    assert await room.roles(scene.bob) == {scene.bob.user_id: "owner"}


async def refuses_direct(scene: Scene) -> None:
    """A direct chat is not left."""
    assert (await scene.ask(scene.bob, leave_chat(scene.chat_id))).get("code") == "direct_chat"


CREATION: list[Callable[[Scene], Awaitable[None]]] = [describes, *telling("chat", nothing, creates)]
"""Beside what the function Chats does for direct chats."""

GROUP_PROBES: dict[str, list[Callable[[Scene], Awaitable[None]]]] = {
    "ChatSettings": [mutes, *telling("changed", group, renames)],
    "Members": [removes_and_adds, tells_what_one_is_in, *telling("changed", group, promotes)],
    "Channels": [finds],
    # Without the last: the connection by which bob asks has those that are over forgotten.
    "JoinChat": [joins_what_he_is_in, *telling("chat", channel, joins)[:-1]],
    "LeaveChat": [hands_over, refuses_direct, *telling("left", group, leaves)[:-1]],
}
"""By the logical ids of the functions."""
