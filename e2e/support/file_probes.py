"""Probes of the functions that deal with files: each fails where its function may not do what it is for."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from e2e.support.deadlines import eventually
from e2e.support.faults import Faults, fault
from e2e.support.files import Files, png, send_file, web
from e2e.support.groups import open_group
from e2e.support.localcloud import process_ids
from e2e.support.rotation import rotate
from e2e.support.settings import variables

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from e2e.support.account import Account
    from e2e.support.scenes import Scene, Write

    Probe = Callable[[Scene], Awaitable[None]]

IMAGE = png(8, 8)


async def uploads(scene: Scene) -> None:
    """A form that was asked for uploads a file."""
    async with web() as browser:
        await Files(scene.parley, browser).upload(scene.alice, scene.chat_id, IMAGE)


async def links(scene: Scene) -> None:
    """A link is given by an environment that has read no key yet."""
    end_environments(scene.account, "Media")
    path = f"/chats/{scene.chat_id}/media/{'0' * 32}"
    response = await scene.rest(scene.bob, "GET", path)
    if response.status_code == 500:  # the request may be what finds the environment dead
        response = await scene.rest(scene.bob, "GET", path)
    assert response.status_code == 200, response.text


def end_environments(account: Account, function: str) -> None:
    """Kill the execution environments of a function, named by its logical id."""
    name = account.of_type("AWS::Lambda::Function")[function]
    endpoint = f"AWS_ENDPOINT_URL={account.target.endpoint_url}"
    for environment in process_ids(endpoint, f"AWS_LAMBDA_FUNCTION_NAME={name}"):
        os.kill(environment, signal.SIGKILL)


async def gives_link_to_avatars(scene: Scene) -> None:
    """The link to all avatars is given."""
    assert (await scene.rest(scene.bob, "GET", "/avatars")).status_code == 200


async def changes_avatar(scene: Scene) -> None:
    """An avatar is taken, named again, replaced, and removed with what was uploaded as it."""
    async with web() as browser:
        files = Files(scene.parley, browser)
        link = await files.avatars(scene.bob)
        worn = []
        for image in (IMAGE, png(16, 16)):
            worn.append(await files.upload_avatar(scene.alice, image))
            for _ in range(2):
                assert (await files.set_avatar(scene.alice, worn[-1])).status_code == 200
        assert (await files.set_avatar(scene.alice, "")).status_code == 200
        for avatar in worn:
            url = link.format(userId=scene.alice.user_id, avatar=avatar)
            assert (await files.open(url)).status_code == 403
            assert (await files.set_avatar(scene.alice, avatar)).status_code == 404


async def links_for_late(scene: Scene) -> None:
    """Who comes back to a group that shows no history is given a link to a file that was sent since."""
    room = await open_group(scene.parley, scene.alice, scene.bob, history="joining")
    group = replace(scene, chat_id=room.chat_id)
    await group.write_by_rest(scene.alice, 0)
    assert (await room.remove(scene.alice, scene.bob)).status_code == 200
    assert (await room.add(scene.alice, scene.bob)).status_code == 201
    async with web() as browser:
        files = Files(scene.parley, browser)
        media_id = await files.upload(scene.alice, room.chat_id, IMAGE)
        await group.write_by_rest(scene.alice, 1, send_file(room.chat_id, 1, media_id)["messages"])
        answer = await files.ask_link(scene.bob, room.chat_id, media_id, 2)
    assert answer.status_code == 200, answer.text


def attaches(write: Write) -> Probe:
    """Give the probe that a message takes along a file that an attempt in vain has put in its place."""

    async def probe(scene: Scene) -> None:
        async with web() as browser:
            files = Files(scene.parley, browser)
            media_id = await files.upload(scene.alice, scene.chat_id, IMAGE)
        messages = send_file(scene.chat_id, 0, media_id)["messages"]
        table = scene.account.table("Messages")
        with (
            closing(Faults(str(scene.account.target.endpoint_url))) as faults,
            faults.on(fault("dynamodb", "PutItem", "throttle", resource=table)),
            pytest.raises(AssertionError),
        ):
            await write(scene, scene.alice, 0, messages)
        assert len((await write(scene, scene.alice, 0, messages))["messages"]) == 1

    return probe


def removes_file(delete: Probe) -> Probe:
    """Give the probe that a file is no longer there once its message has been deleted in a way."""

    async def probe(scene: Scene) -> None:
        async with web() as browser:
            files = Files(scene.parley, browser)
            media_id = await files.upload(scene.alice, scene.chat_id, IMAGE)
            await scene.write_by_rest(scene.alice, 0, send_file(scene.chat_id, 0, media_id)["messages"])
            link = await files.link(scene.bob, scene.chat_id, media_id)
            assert (await files.open(link)).status_code == 200
            await delete(scene)
            assert (await files.open(link)).status_code == 403

    return probe


async def delete_by_frame(scene: Scene) -> None:
    """Delete the chat's first message by a frame."""
    frame = {"action": "deleteMessage", "requestId": "delete", "chatId": scene.chat_id, "seq": 1}
    assert (await scene.ask(scene.alice, frame)).get("type") == "changed"


async def delete_by_request(scene: Scene) -> None:
    """Delete the chat's first message by a request."""
    response = await scene.rest(scene.alice, "DELETE", f"/chats/{scene.chat_id}/messages/1")
    assert response.status_code == 200, response.text


async def delete_with_account(scene: Scene) -> None:
    """Delete the account of who sent the chat's first message."""
    assert (await scene.rest(scene.alice, "DELETE", "/users/me")).status_code == 202

    async def has_file() -> bool:
        return "attachment" in (await scene.parley.history(scene.bob, scene.chat_id))[0]

    await eventually(has_file, lambda there: not there, scene.patience)


async def purge_first(scene: Scene) -> None:
    """Let the chat's first message be too old, and have it purged."""
    await scene.write_by_rest(scene.alice, 1)
    scene.account.dynamodb.update_item(
        TableName=scene.account.table("Messages"),
        Key={"chatId": {"S": scene.chat_id}, "seq": {"N": "1"}},
        UpdateExpression="SET sentAt = :at",
        ExpressionAttributeValues={":at": {"S": "2020-01-01T00:00:00.000Z"}},
    )
    function = scene.account.of_type("AWS::Lambda::Function")["StartPurge"]
    with variables(scene.account, ["StartPurge", "Purge"], RETENTION_DAYS="30"):
        scene.account.functions.invoke(FunctionName=function, Payload=b"{}")

        async def left() -> list[int]:
            return [message["seq"] for message in await scene.parley.history(scene.bob, scene.chat_id)]

        await eventually(left, lambda seqs: seqs == [2], scene.patience)


async def makes_key(scene: Scene) -> None:
    """The key that signs links is replaced, step by step."""
    secrets_manager = scene.account.secrets
    secret = scene.account.of_type("AWS::SecretsManager::Secret")["DownloadKey"]
    arn = secrets_manager.describe_secret(SecretId=secret)["ARN"]
    token = secrets.token_hex(16)
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        event = {"Step": step, "SecretId": arn, "ClientRequestToken": token}
        answer = await asyncio.to_thread(
            scene.account.functions.invoke,
            FunctionName=scene.account.of_type("AWS::Lambda::Function")["SigningKey"],
            Payload=json.dumps(event),
        )
        assert "FunctionError" not in answer, step
    assert secrets_manager.get_secret_value(SecretId=secret)["VersionId"] == token
    end_environments(scene.account, "Media")  # which know a key that may be older than the previous


async def has_key_replaced(scene: Scene) -> None:
    """Secrets Manager has the key replaced that signs links."""
    await rotate(scene.account, "DownloadKey", scene.patience)
    end_environments(scene.account, "Media")


async def ask_for_key(scene: Scene, function: str, kind: str, name: str) -> dict[str, Any]:
    """Ask a function, named by its logical id, as CloudFormation does; its answer."""
    answers: list[dict[str, Any]] = []

    class Answered(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answered) as server:
        thread = Thread(target=server.handle_request, daemon=True)
        thread.start()
        event = {
            "RequestType": kind,
            "ResponseURL": f"http://127.0.0.1:{server.server_port}/",
            "StackId": "probe",
            "RequestId": "probe",
            "LogicalResourceId": "Probe",
            "PhysicalResourceId": name,
            "ResourceProperties": {"Name": name},
        }
        name = scene.account.of_type("AWS::Lambda::Function")[function]
        await asyncio.to_thread(scene.account.functions.invoke, FunctionName=name, Payload=json.dumps(event))
    (answer,) = answers
    return answer
