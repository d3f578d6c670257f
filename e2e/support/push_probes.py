"""Probes of the functions that notify: each fails where its function may not do what it is for."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from e2e.support.deadlines import eventually
from e2e.support.fan_out_probes import POLLING_SECONDS
from e2e.support.file_probes import ask_for_key
from e2e.support.push_service import push_service

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from e2e.support.push_service import Browser
    from e2e.support.scenes import Scene


async def notifies(scene: Scene) -> None:
    """For a while, who is away is notified of every message."""
    with push_service(scene.account) as service:
        browser = service.browser()
        assert (await browser.subscribe(scene.parley, scene.bob)).status_code == 200
        began, after = time.monotonic(), 0
        while after == 0 or time.monotonic() < began + POLLING_SECONDS:
            after = (await scene.write_by_rest(scene.alice, after))["messages"][0]["seq"]
            await has_pushed(scene, browser, after)


async def forgets_gone_browser(scene: Scene) -> None:
    """A browser that is gone is asked once."""
    with push_service(scene.account) as service:
        gone, other = service.browser(), service.browser()
        for browser in (gone, other):
            assert (await browser.subscribe(scene.parley, scene.bob)).status_code == 200
        service.gone.add(gone.path)
        await scene.write_by_rest(scene.alice, 0)
        await has_pushed(scene, gone, 1)

        async def kept() -> int:
            item = scene.account.dynamodb.get_item(
                TableName=scene.account.table("Users"),
                Key={"userId": {"S": scene.bob.user_id}},
                ConsistentRead=True,
            )["Item"]
            return len(item["pushSubscriptions"]["M"])

        await eventually(kept, lambda count: count == 1, scene.patience)


async def has_pushed(scene: Scene, browser: Browser, seq: int) -> None:
    """Wait until a browser was told of the message with a number."""

    async def told() -> list[int]:
        return [browser.read(pushed)["seq"] for pushed in await browser.pushed()]

    await eventually(told, lambda seqs: seq in seqs, scene.patience)


async def gives_key(scene: Scene) -> None:
    """The key is given to somebody new."""
    response = await scene.rest(scene.bob, "GET", "/push-key")
    assert response.status_code == 200, response.text


async def unsubscribes(scene: Scene) -> None:
    """A subscription is forgotten."""
    with push_service(scene.account) as service:
        subscribed = await service.browser().subscribe(scene.parley, scene.bob)
        assert subscribed.status_code == 200, subscribed.text
        path = f"/users/me/push-subscriptions/{subscribed.json()['subscriptionId']}"
        assert (await scene.rest(scene.bob, "DELETE", path)).status_code == 200


async def makes_push_key(scene: Scene) -> None:
    """The custom resource makes a key and gives its public half, and removes it again."""
    name = f"/{scene.account.stack_name}/push/probe-{secrets.token_hex(6)}"
    made = await ask_for_key(scene, "PushKey", "Create", name)
    assert made["Status"] == "SUCCESS"
    assert len(made["Data"]["PublicKey"]) == len("B") + 86
    assert (await ask_for_key(scene, "PushKey", "Delete", name))["Status"] == "SUCCESS"


PUSH_PROBES: dict[str, list[Callable[[Scene], Awaitable[None]]]] = {
    "Push": [notifies, forgets_gone_browser],
    "PushKey": [makes_push_key],
    "PushSubscriptions": [gives_key, unsubscribes],
}
"""By the logical ids of the functions."""
