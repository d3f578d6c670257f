"""What the functions of changes are there for: probes that fail where it is not done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.support.changes import (
    delete_message,
    edit_message,
    react,
    request_deletion,
    request_edit,
    request_reaction,
    sync_changes,
)
from e2e.support.groups import Room
from e2e.support.scenes import Scene  # noqa: TC001 - beside the others that run
from e2e.support.telling import telling

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from e2e.support.sockets import Frame


async def written(scene: Scene) -> Room:
    """Have alice write the chat's first message."""
    await scene.write_by_rest(scene.alice, 0)
    return Room(scene.parley, scene.chat_id)


def by_frame(frame: Callable[[str], Frame]) -> Callable[[Scene, Room], Awaitable[None]]:
    """Give the act that alice changes the message by a frame, of which the chat's id is told."""

    async def act(scene: Scene, room: Room) -> None:
        assert (await scene.ask(scene.alice, frame(room.chat_id))).get("type") == "changed"

    return act


def by_request(
    request: Callable[[Scene], Awaitable[httpx.Response]],
) -> Callable[[Scene, Room], Awaitable[None]]:
    """Give the act that alice changes the message by a request."""

    async def act(scene: Scene, _room: Room) -> None:
        assert (await request(scene)).status_code == 200

    return act


def once(act: Callable[[Scene, Room], Awaitable[None]]) -> Callable[[Scene], Awaitable[None]]:
    """Give the probe that a message that is there is changed."""

    async def probe(scene: Scene) -> None:
        await act(scene, await written(scene))

    return probe


def twice(act: Callable[[Scene, Room], Awaitable[None]]) -> Callable[[Scene], Awaitable[None]]:
    """Give the probe that a change is repeated."""

    async def probe(scene: Scene) -> None:
        room = await written(scene)
        await act(scene, room)
        await act(scene, room)

    return probe


edits = by_frame(lambda chat_id: edit_message(chat_id, 1, "better"))
requests_edit = by_request(lambda scene: request_edit(scene.parley, scene.alice, scene.chat_id, 1, "better"))


async def syncs(scene: Scene) -> None:
    """A change is synced with its message."""
    await once(requests_edit)(scene)
    (chat,) = (await scene.ask(scene.bob, sync_changes(scene.chat_id, 1, 0))).get("chats", ({},))
    assert [change["message"]["text"] for change in chat.get("changes", ())] == ["better"]


CHANGE_PROBES: dict[str, list[Callable[[Scene], Awaitable[None]]]] = {
    "ChangeMessage": [
        twice(edits),
        once(by_frame(lambda chat_id: delete_message(chat_id, 1))),
        once(by_frame(lambda chat_id: react(chat_id, 1, "👍"))),
        *telling("changed", written, edits),
    ],
    "Message": [
        twice(requests_edit),
        once(by_request(lambda scene: request_deletion(scene.parley, scene.alice, scene.chat_id, 1))),
        once(by_request(lambda scene: request_reaction(scene.parley, scene.alice, scene.chat_id, 1, "👍"))),
        once(by_request(lambda scene: request_reaction(scene.parley, scene.alice, scene.chat_id, 1, None))),
        *telling("changed", written, requests_edit),
    ],
}
"""By the logical ids of the functions."""
