"""What must be so of every function that tells people's devices of something, as probes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from websockets.exceptions import ConnectionClosed

from e2e.support.groups import Room
from e2e.support.parley import ping
from e2e.support.scenes import GONE, Scene, ask

if TYPE_CHECKING:
    from e2e.support.sockets import Frame, Socket

Prepare = Callable[[Scene], Awaitable[Room]]
"""Sets up, by other functions, what there is to be told of."""
Act = Callable[[Scene, Room], Awaitable[None]]
"""Has the function do what bob's devices are told of."""


def telling(kind: str, prepare: Prepare, act: Act) -> list[Callable[[Scene], Awaitable[None]]]:
    """Give the probes that bob's devices are told by a frame of a kind, whatever has become of some."""

    def told(socket: Socket) -> list[Frame]:
        return [frame for frame in socket.frames if frame.get("type") == kind]

    async def posts(scene: Scene) -> None:
        """By the function itself: at once."""
        room = await prepare(scene)
        async with scene.parley.socket(scene.bob) as socket:
            await act(scene, room)
            await ask(socket, ping())
            assert told(socket)

    async def leaves_many_to_the_queue(scene: Scene) -> None:
        """A device among many is told in the end."""
        room = await prepare(scene)
        async with scene.both_online() as socket:  # so that nothing else is told, and finds them gone
            scene.leave_connections_behind(scene.bob)
            await act(scene, room)
            await socket.until(lambda device: bool(told(device)), scene.patience)

    async def forgets_gone(scene: Scene) -> None:
        """A connection that turns out to be gone is forgotten."""
        room = await prepare(scene)
        async with scene.both_online():  # so that nothing else is told, and finds it gone
            scene.leave_connection_behind(scene.bob)
            await act(scene, room)
            assert GONE not in await scene.account.connections(scene.bob.user_id)

    async def closes_ended(scene: Scene) -> None:
        """A connection whose token has ended is closed in place of being told."""
        room = await prepare(scene)
        async with scene.both_online() as socket:
            await scene.end_tokens_of_connections(scene.bob)
            await act(scene, room)
            with suppress(ConnectionClosed):
                await socket.send(ping())
            await socket.until(lambda device: device.closed or bool(device.frames))  # or it is answered
            assert socket.frames == []

    return [posts, leaves_many_to_the_queue, forgets_gone, closes_ended]
