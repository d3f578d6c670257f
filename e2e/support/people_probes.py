"""What the functions about people and their accounts are there for: probes that fail where it is not done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from e2e.support.deadlines import eventually
from e2e.support.fan_out_probes import POLLING_SECONDS
from e2e.support.groups import Room, open_group
from e2e.support.parley import get_users
from e2e.support.scenes import Scene  # noqa: TC001 - beside the others that run
from e2e.support.settings import variables
from e2e.support.telling import telling

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from e2e.support.sockets import Frame
TASK_CHATS = 25
"""Chats that one task of the purge takes."""
OLD = "2020-01-01T00:00:00.000Z"


async def searches_people(scene: Scene) -> None:
    """Alice finds bob by the socket."""
    assert (await scene.ask(scene.alice, get_users(scene.bob.username))).get("type") == "users"


async def finds_people(scene: Scene) -> None:
    """Alice finds bob by the HTTP API."""
    assert (await scene.rest(scene.alice, "GET", f"/users?q={scene.bob.username}")).status_code == 200


async def deletes(scene: Scene) -> None:
    """An account is deleted: it is closed, and what it wrote is emptied."""
    async with scene.parley.socket(scene.alice) as socket:
        await scene.write_by_rest(scene.alice, 0)
        await _delete(scene)
        await socket.until_closed(scene.patience)


async def deletes_later(scene: Scene) -> None:
    """So is one when the poller has looked whether it still may poll."""
    await _poller_has_looked()
    await deletes(scene)


async def lifts_blocks(scene: Scene) -> None:
    """A deleted account blocks nobody."""
    await scene.write_by_rest(scene.alice, 0)
    path = f"/users/me/blocks/{scene.bob.user_id}"
    assert (await scene.rest(scene.alice, "PUT", path)).status_code == 200
    await _delete(scene)

    async def listed() -> int:
        found = scene.account.dynamodb.query(
            TableName=scene.account.table("Chats"),
            KeyConditionExpression="chatId = :list",
            ExpressionAttributeValues={":list": {"S": f"blocks:{scene.alice.user_id}"}},
        )
        return found["Count"]

    await eventually(listed, lambda count: count == 0, scene.patience)


async def leaves_group(scene: Scene, _room: Room) -> None:
    """Alice's account is deleted, and bob owns her group."""
    await _delete(scene)


async def purges(scene: Scene) -> None:
    """A message that is too old goes when the purge is started."""
    for after in (0, 1):
        await scene.write_by_rest(scene.alice, after)
    scene.account.dynamodb.update_item(
        TableName=scene.account.table("Messages"),
        Key={"chatId": {"S": scene.chat_id}, "seq": {"N": "1"}},
        UpdateExpression="SET sentAt = :at",
        ExpressionAttributeValues={":at": {"S": OLD}},
    )
    function = scene.account.of_type("AWS::Lambda::Function")["StartPurge"]
    with variables(scene.account, ["StartPurge", "Purge"], RETENTION_DAYS="30"):
        scene.account.functions.invoke(FunctionName=function, Payload=b"{}")

        async def left() -> list[int]:
            return [message["seq"] for message in await scene.parley.history(scene.bob, scene.chat_id)]

        await eventually(left, lambda seqs: seqs == [2], scene.patience)


async def exports(scene: Scene) -> None:
    """An archive is asked for, made, and fetched by its link."""
    assert (await scene.rest(scene.alice, "POST", "/users/me/export")).status_code == 202

    async def state() -> Frame:
        return dict((await scene.rest(scene.alice, "GET", "/users/me/export")).json())

    ready = await eventually(state, lambda seen: seen.get("status") == "ready", scene.patience)
    assert (await scene.parley.rest.get(ready["url"])).status_code == 200


async def exports_later(scene: Scene) -> None:
    """So is one when the poller has looked whether it still may poll."""
    await _poller_has_looked()
    await exports(scene)


async def purges_later(scene: Scene) -> None:
    """So does one when the poller has looked whether it still may poll."""
    await _poller_has_looked()
    await purges(scene)


async def purges_beyond_one_task(scene: Scene) -> None:
    """So does one of a chat that comes after as many as one task takes."""
    table, dynamodb = scene.account.table("Chats"), scene.account.dynamodb
    meta = {"chatId": {"S": scene.chat_id}, "sk": {"S": "META"}}
    shard = dynamodb.get_item(TableName=table, Key=meta)["Item"]["shard"]
    before = [{"chatId": {"S": f"before:{number:02}"}, "sk": {"S": "META"}} for number in range(TASK_CHATS)]
    for key in before:
        dynamodb.put_item(TableName=table, Item={**key, "shard": shard})
    try:
        await purges(scene)
    finally:
        for key in before:
            dynamodb.delete_item(TableName=table, Key=key)


async def _poller_has_looked() -> None:
    """Let the time pass after which a poller has noticed that a permission was withheld."""
    began = time.monotonic()

    async def passed() -> float:
        return time.monotonic() - began

    await eventually(passed, lambda seconds: seconds >= POLLING_SECONDS)


async def _delete(scene: Scene) -> None:
    """Have alice's account deleted, and wait until what she wrote to bob is emptied."""
    assert (await scene.rest(scene.alice, "DELETE", "/users/me")).status_code == 202

    async def texts() -> list[str]:
        return [message["text"] for message in await scene.parley.history(scene.bob, scene.chat_id)]

    await eventually(texts, lambda left: set(left) == {""}, scene.patience)


async def _group(scene: Scene) -> Room:
    """Open a group of alice's with bob, who has a message of hers."""
    await scene.write_by_rest(scene.alice, 0)
    return await open_group(scene.parley, scene.alice, scene.bob)


DELETION_PROBES: list[Callable[[Scene], Awaitable[None]]] = [
    deletes,
    deletes_later,
    lifts_blocks,
    *telling("changed", _group, leaves_group),
]
"""Of the function DeleteAccount."""
