"""What the fan-out function is there for: probes that fail where it is not done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from e2e.support.deadlines import eventually
from e2e.support.group_probes import joined_channel
from e2e.support.parley import send_message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from e2e.support.scenes import Scene
    from e2e.support.sockets import Frame

POLLING_SECONDS = 1.5
"""After which a poller has noticed that a permission was withheld."""
LEAVING_SECONDS = 5.0
"""After which it is told that somebody has left, who may come back meanwhile."""
SLICE = 100
"""Members of a channel that one task covers."""


async def reaches_many(scene: Scene) -> None:
    """For a while, all of many connections get what is sent, and those that are gone are forgotten."""
    began, after = time.monotonic(), 0
    async with scene.parley.socket(scene.bob) as socket:
        while time.monotonic() < began + POLLING_SECONDS:
            scene.leave_connections_behind(scene.bob)
            after = (await scene.write_by_rest(scene.alice, after))["messages"][0]["seq"]
            await socket.first(brings(after), scene.patience)
            await eventually(
                lambda: scene.account.connections(scene.bob.user_id),
                lambda left: len(left) == 1,
                scene.patience,
            )


async def closes_ended_of_many(scene: Scene) -> None:
    """One of many connections whose tokens have ended is closed in place of being sent what is new."""
    async with scene.parley.socket(scene.bob) as socket:
        scene.leave_connections_behind(scene.bob)
        await scene.end_tokens_of_connections(scene.bob)
        await scene.write_by_rest(scene.alice, 0)
        await socket.until(lambda seen: seen.closed, scene.patience)


async def walks_through_a_channel(scene: Scene) -> None:
    """A channel's member gets what is sent to it."""
    await walks(scene, 0)


async def walks_on(scene: Scene) -> None:
    """So does one who comes after more members than one task covers."""
    await walks(scene, SLICE)


async def walks(scene: Scene, members_before: int) -> None:
    """Bob, before whom so many members of a channel stand, gets what is sent to it."""
    room = await joined_channel(scene)
    add_members(scene, room.chat_id, members_before)
    async with scene.parley.socket(scene.bob) as bobs, scene.parley.socket(scene.alice) as alices:
        assert (await alices.ask(send_message(room.chat_id, 0, "hi")))["type"] == "ack"
        await bobs.first(brings(1), scene.patience)


async def tells_presence(scene: Scene) -> None:
    """The other member of a direct chat hears of who comes, and then of who leaves."""
    async with scene.parley.socket(scene.alice) as socket:
        async with scene.parley.socket(scene.bob):
            await socket.first(tells(scene, online=True), scene.patience)
        await socket.first(tells(scene, online=False), scene.patience + LEAVING_SECONDS)


def brings(seq: int) -> Any:
    """Whether a frame brings the message with a number."""
    return lambda frame: frame.get("type") == "message" and frame["message"]["seq"] == seq


def tells(scene: Scene, *, online: bool) -> Any:
    """Whether a frame tells that bob is online, or no longer and since when."""

    def wanted(frame: Frame) -> bool:
        users = frame["users"] if frame.get("type") == "presence" else []
        return any(
            user["userId"] == scene.bob.user_id
            and user["online"] == online
            and (online or "lastSeen" in user)
            for user in users
        )

    return wanted


def add_members(scene: Scene, chat_id: str, count: int) -> None:
    """Have members be in a chat whose ids come before all others'."""
    table = scene.account.table("Chats")
    for number in range(count):
        user_id = f"-{number:03}"
        item: Any = {"chatId": {"S": chat_id}, "sk": {"S": f"MEMBER#{user_id}"}, "userId": {"S": user_id}}
        scene.account.dynamodb.put_item(TableName=table, Item=item)


FAN_OUT_PROBES: dict[str, list[Callable[[Scene], Awaitable[None]]]] = {
    "FanOut": [
        reaches_many,
        closes_ended_of_many,
        walks_through_a_channel,
        walks_on,
        tells_presence,
    ]
}
"""By the logical id of the function."""
