"""What the functions of receipts, presence and typing are for: probes that fail where it is not done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.support.deadlines import eventually
from e2e.support.fan_out_probes import LEAVING_SECONDS
from e2e.support.groups import Room, open_group
from e2e.support.parley import send_message
from e2e.support.receipts import get_presence, mark, typing
from e2e.support.scenes import Scene  # noqa: TC001 - beside the others that run
from e2e.support.telling import telling

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from e2e.support.sockets import Socket


async def written(scene: Scene) -> Room:
    """Have bob write the chat's first message."""
    await scene.write_by_rest(scene.bob, 0)
    return Room(scene.parley, scene.chat_id)


async def written_group(scene: Scene) -> Room:
    """Have bob write the first message of a group."""
    room = await open_group(scene.parley, scene.alice, scene.bob)
    body = {"after": 0, "messages": send_message(room.chat_id, 0, "text")["messages"]}
    response = await scene.rest(scene.bob, "POST", f"/chats/{room.chat_id}/messages", body)
    assert response.status_code == 200, response.text
    return room


async def reads(scene: Scene, room: Room) -> None:
    """Alice reads it."""
    assert (await scene.ask(scene.alice, mark("markRead", room.chat_id, 1))).get("type") == "receipt"


async def puts_mark(scene: Scene, room: Room) -> None:
    """Alice reads it over HTTP."""
    response = await scene.rest(scene.alice, "PUT", f"/chats/{room.chat_id}/watermarks", {"readSeq": 1})
    assert response.status_code == 200, response.text


async def types(scene: Scene, room: Room) -> None:
    """Alice writes something."""
    assert (await scene.ask(scene.alice, typing(room.chat_id))).get("type") == "typing"


async def receives(scene: Scene) -> None:
    """Alice's device holds it."""
    room = await written(scene)
    assert (await scene.ask(scene.alice, mark("markDelivered", room.chat_id, 1))).get("type") == "receipt"


async def refuses_mark(scene: Scene) -> None:
    """What is not written is not read."""
    answer = await scene.ask(scene.alice, mark("markRead", scene.chat_id, 1))
    assert answer.get("code") == "unknown_message"


async def refuses_put_mark(scene: Scene) -> None:
    """Nor over HTTP."""
    path = f"/chats/{scene.chat_id}/watermarks"
    refused = await scene.rest(scene.alice, "PUT", path, {"readSeq": 1})
    assert refused.status_code == 404, refused.text
    assert refused.json()["error"]["code"] == "unknown_message"


async def counts(scene: Scene) -> None:
    """What bob has not read is counted."""

    async def total() -> int:
        response = await scene.rest(scene.bob, "GET", "/unread")
        return int(response.json()["total"]) if response.status_code == 200 else 0

    await scene.write_by_rest(scene.alice, 0)
    await eventually(total, lambda unread: unread == 1, scene.patience)


async def sees(scene: Scene) -> None:
    """Bob, who is away, is seen by a frame."""
    assert (await scene.ask(scene.alice, get_presence(scene.chat_id))).get("type") == "presence"


async def sees_over_http(scene: Scene) -> None:
    """And over HTTP, by who is new to this function."""
    response = await scene.rest(scene.alice, "GET", f"/chats/{scene.chat_id}/presence")
    assert response.status_code == 200, response.text


def news_of(user_id: str, socket: Socket) -> list[bool]:
    """What a socket was told of whether a user is online."""
    frames = [frame for frame in socket.frames if frame.get("type") == "presence"]
    return [user["online"] for frame in frames for user in frame["users"] if user["userId"] == user_id]


async def comes(scene: Scene) -> None:
    """Bob hears that alice comes."""
    async with scene.parley.socket(scene.bob) as socket, scene.parley.socket(scene.alice):
        await socket.until(lambda seen: news_of(scene.alice.user_id, seen) == [True], scene.patience)


async def leaves(scene: Scene) -> None:
    """Bob hears that alice has left, once she has been away for long enough."""
    async with scene.parley.socket(scene.bob) as socket:
        async with scene.parley.socket(scene.alice):
            pass
        await socket.until(
            lambda seen: news_of(scene.alice.user_id, seen)[-1:] == [False],
            scene.patience + LEAVING_SECONDS,
        )


RECEIPT_PROBES: dict[str, list[Callable[[Scene], Awaitable[None]]]] = {
    "Mark": [
        receives,
        refuses_mark,
        *telling("receipt", written, reads),
        *telling("receipt", written_group, reads)[:1],
    ],
    "Watermarks": [
        counts,
        refuses_put_mark,
        *telling("receipt", written, puts_mark),
        *telling("receipt", written_group, puts_mark)[:1],
    ],
    "SendTyping": telling("typing", written, types),
    "GetPresence": [sees],
    "Presence": [sees_over_http],
}
"""By the logical ids of the functions."""
