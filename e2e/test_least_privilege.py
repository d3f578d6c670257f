"""Least privilege: whatever one permission a function is deprived of, something that it is there for fails.

The permissions are read from the deployed stack: a new one fails here until there is a probe that needs it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from e2e.support.canary import sings
from e2e.support.change_probes import CHANGE_PROBES, syncs
from e2e.support.changes import delete_message
from e2e.support.deadlines import PATIENCE, eventually
from e2e.support.fan_out_probes import FAN_OUT_PROBES, brings
from e2e.support.file_probes import (
    attaches,
    changes_avatar,
    delete_by_frame,
    delete_by_request,
    delete_with_account,
    gives_link_to_avatars,
    has_key_replaced,
    links,
    links_for_late,
    makes_key,
    purge_first,
    removes_file,
    uploads,
)
from e2e.support.grants import InvokeGrant, RoleGrant, grants
from e2e.support.group_probes import CREATION, GROUP_PROBES
from e2e.support.groups import join_chat, leave_chat
from e2e.support.localcloud import process_ids
from e2e.support.parley import get_messages, get_users, ping, sync
from e2e.support.people_probes import (
    DELETION_PROBES,
    exports,
    exports_later,
    finds_people,
    purges,
    purges_beyond_one_task,
    purges_later,
    searches_people,
)
from e2e.support.push_probes import PUSH_PROBES, notifies
from e2e.support.receipt_probes import RECEIPT_PROBES, comes, leaves
from e2e.support.receipts import get_presence, mark, typing
from e2e.support.scenes import GONE, Brief, Scene, Write, ask
from e2e.support.settings import variables
from e2e.support.sockets import Frame, open_socket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from e2e.support.account import Account
    from e2e.support.grants import Grant
    from e2e.support.parley import Parley
    from e2e.support.people import People, Person

pytestmark = pytest.mark.embedded_only(
    "on AWS a changed policy takes seconds to hold, and there are 60 changes"
)

Probe = Callable[[Scene], Awaitable[None]]
"""Has a function do something that it is there for, and fails where it does not."""

LOGGING = ("logs:CreateLogStream", "logs:PutLogEvents")
DEPLOYMENT = ("cloudfront:CreateKeyGroup", "cloudfront:DeleteKeyGroup")
RETAINING = ["StartPurge", "Purge"]
"""Functions whose probes set for how long messages are kept; set all the while, their environments stay."""
BRIEFLY = 2.0
"""Seconds to wait for what is expected not to happen."""
BRIEF_CONNECTIONS = 6
"""As many as the probes of most functions use up; their tokens end together."""
BRIEF_TOKEN_SECONDS = (3, 12, 48)
"""How long a token is good for that is to end soon; longer where a machine is too busy for that."""


async def opens(scene: Scene) -> None:
    """A ticket opens a connection."""
    async with scene.parley.socket(scene.alice):
        pass


async def registers(scene: Scene) -> None:
    """A connection is registered before it is open."""
    async with scene.parley.socket(scene.alice):
        assert await scene.account.connections(scene.alice.user_id)


async def forgets(scene: Scene) -> None:
    """A connection that has closed is forgotten."""
    await opens(scene)
    await eventually(
        lambda: scene.account.connections(scene.alice.user_id), lambda left: not left, scene.patience
    )


def answers(kind: str, frame: Callable[[Scene], Frame]) -> Probe:
    """Give the probe that a frame is answered by one of a type."""

    async def probe(scene: Scene) -> None:
        assert (await scene.ask(scene.alice, frame(scene))).get("type") == kind

    return probe


def ends(frame: Callable[[Scene], Frame]) -> Probe:
    """Give the probe that a connection whose token has ended is told so at its next frame, and closed."""

    async def probe(scene: Scene) -> None:
        brief = scene.brief.pop()
        await eventually(now, lambda seconds: seconds >= brief.ends_at)
        await brief.socket.send(frame(scene))
        # Left open it would get a second frame: the answer.
        await brief.socket.until(lambda socket: socket.closed or len(socket.frames) > 1, scene.patience)
        assert [seen.get("code") for seen in brief.socket.frames] == ["token_expired"]

    return probe


async def now() -> float:
    """Tell the time, in seconds since the epoch."""
    return time.time()


def responds(
    method: str,
    path: str,
    body: Callable[[Scene], Frame] = lambda _: {},
    by: Callable[[Scene], Person] = lambda scene: scene.alice,
) -> Probe:
    """Give the probe that a request is responded to with 200; its path may name the chat, and bob."""

    async def probe(scene: Scene) -> None:
        named = path.format(chat=scene.chat_id, bob=scene.bob.user_id)
        response = await scene.rest(by(scene), method, named, body(scene) or None)
        assert response.status_code == 200, response.text

    return probe


def sends(write: Write, other: Write) -> list[Probe]:
    """Give the probes of a function that sends: how it is asked to write, and how another one is."""

    async def pushes(scene: Scene) -> None:
        """The first message of a chat reaches the other member."""
        async with scene.both_online() as socket:
            await write(scene, scene.alice, 0)
            await ask(socket, ping())
            types = [seen["type"] for seen in socket.frames]
            assert "message" in types[: types.index("pong")]

    async def leaves_many_to_the_queue(scene: Scene) -> None:
        """A device among more than a request posts to gets the message in the end."""
        async with scene.both_online() as socket:  # so that nothing else is told, and finds them gone
            scene.leave_connections_behind(scene.bob)
            await write(scene, scene.alice, 0)
            await socket.first(brings(1), scene.patience)

    async def follows(scene: Scene) -> None:
        """A message may follow one that this function has not seen."""
        await other(scene, scene.bob, 0)
        await write(scene, scene.alice, 1)

    async def finds_missed(scene: Scene) -> None:
        """Who writes without having seen the newest message is told of it."""
        await other(scene, scene.bob, 0)
        assert len((await write(scene, scene.alice, 0))["missed"]) == 1

    async def forgets_gone(scene: Scene) -> None:
        """A connection that turns out to be gone is forgotten."""
        async with scene.both_online():
            scene.leave_connection_behind(scene.bob)
            await write(scene, scene.alice, 0)
            assert GONE not in await scene.account.connections(scene.bob.user_id)

    async def closes_ended(scene: Scene) -> None:
        """A connection whose token has ended is closed in place of being sent what is new."""
        async with scene.both_online() as socket:
            await scene.end_tokens_of_connections(scene.bob)
            await write(scene, scene.alice, 0)
            with suppress(ConnectionClosed):
                await socket.send(ping())
            await socket.until(
                lambda seen: seen.closed or bool(seen.frames)
            )  # left open it would be answered
            assert socket.frames == []

    return [
        pushes,
        leaves_many_to_the_queue,
        follows,
        finds_missed,
        forgets_gone,
        closes_ended,
        attaches(write),
    ]


async def reports(scene: Scene) -> None:
    """A message is reported."""
    await scene.write_by_rest(scene.alice, 0)
    report = {"chatId": scene.chat_id, "seq": 1, "reason": "spam"}
    assert (await scene.rest(scene.bob, "POST", "/reports", report)).status_code == 201


async def asks_for_deletion(scene: Scene) -> None:
    """An account is deleted, and what it wrote is emptied."""
    async with scene.parley.socket(scene.alice) as socket:
        await scene.write_by_rest(scene.alice, 0)
        assert (await scene.rest(scene.alice, "DELETE", "/users/me")).status_code == 202
        await socket.until_closed(scene.patience)

    async def texts() -> list[str]:
        return [message["text"] for message in await scene.parley.history(scene.bob, scene.chat_id)]

    await eventually(texts, lambda left: left == [""], scene.patience)


async def signs_out(scene: Scene) -> None:
    """Signing out everywhere closes and forgets what is open."""
    async with scene.parley.socket(scene.alice) as socket:
        response = await scene.rest(scene.alice, "POST", "/sign-out", {"everywhere": True})
        assert response.status_code == 200, response.text
        await socket.until_closed(scene.patience)
    assert not await scene.account.connections(scene.alice.user_id)


async def blocks_are_listed(scene: Scene) -> None:
    """Whom one has blocked is listed, with a name."""
    assert (await scene.rest(scene.alice, "PUT", f"/users/me/blocks/{scene.bob.user_id}")).status_code == 200
    listed = await scene.rest(scene.alice, "GET", "/users/me/blocks")
    assert listed.status_code == 200, listed.text
    assert [user["username"] for user in listed.json()["users"]] == [scene.bob.username]


PROBES: dict[str, list[Probe]] = {
    "Authorizer": [opens],
    "Connect": [registers, comes],
    "Disconnect": [forgets, leaves],
    "Default": [
        answers("pong", lambda _: ping()),
        answers("error", lambda _: ping() | {"action": "sing"}),
        ends(lambda _: ping()),
    ],
    "SendMessage": sends(Scene.write_by_socket, Scene.write_by_rest),
    "GetMessages": [
        answers("messages", lambda scene: get_messages(scene.chat_id)),
        ends(lambda scene: get_messages(scene.chat_id)),
    ],
    "Sync": [
        answers("sync", lambda scene: sync(**{scene.chat_id: 0})),
        ends(lambda scene: sync(**{scene.chat_id: 0})),
        syncs,
    ],
    "GetUsers": [
        searches_people,
        ends(lambda scene: get_users(scene.alice.username)),
    ],
    "Tickets": [responds("POST", "/tickets")],
    "Chats": [  # alice has created the chat: only bob is new to this function
        responds("GET", "/chats/{chat}", by=lambda scene: scene.bob),
        responds("GET", "/chats", by=lambda scene: scene.bob),
        responds(
            "POST",
            "/chats",
            lambda scene: {"kind": "direct", "userId": scene.alice.user_id},
            by=lambda scene: scene.bob,
        ),
        *CREATION,
    ],
    **FAN_OUT_PROBES,
    "FanOut": [*FAN_OUT_PROBES["FanOut"], notifies],
    **PUSH_PROBES,
    **GROUP_PROBES,
    "JoinChat": [*GROUP_PROBES["JoinChat"], ends(lambda scene: join_chat(scene.chat_id))],
    "LeaveChat": [*GROUP_PROBES["LeaveChat"], ends(lambda scene: leave_chat(scene.chat_id))],
    **RECEIPT_PROBES,
    "Mark": [*RECEIPT_PROBES["Mark"], ends(lambda scene: mark("markRead", scene.chat_id, 1))],
    "SendTyping": [*RECEIPT_PROBES["SendTyping"], ends(lambda scene: typing(scene.chat_id))],
    "GetPresence": [*RECEIPT_PROBES["GetPresence"], ends(lambda scene: get_presence(scene.chat_id))],
    **CHANGE_PROBES,
    "ChangeMessage": [
        *CHANGE_PROBES["ChangeMessage"],
        ends(lambda scene: delete_message(scene.chat_id, 1)),
        removes_file(delete_by_frame),
    ],
    "Message": [*CHANGE_PROBES["Message"], removes_file(delete_by_request)],
    "Messages": [
        responds("GET", "/chats/{chat}/messages"),
        *sends(Scene.write_by_rest, Scene.write_by_socket),
    ],
    "Users": [
        responds("GET", "/users/me"),
        finds_people,
        responds("PATCH", "/users/me", lambda _: {"displayName": "Alice"}),
        responds("GET", "/users/{bob}"),
        changes_avatar,
    ],
    "UploadUrl": [uploads],
    "Media": [links, links_for_late, gives_link_to_avatars],
    "SigningKey": [makes_key, has_key_replaced],
    "Search": [responds("GET", "/search?q=hello"), responds("GET", "/search?q=hello&chatId={chat}")],
    "SignOut": [signs_out],
    "Reports": [reports],
    "Account": [asks_for_deletion, exports],
    "DeleteAccount": [*DELETION_PROBES, asks_for_deletion, removes_file(delete_with_account)],
    "MakeExport": [exports, exports_later],
    "StartPurge": [purges],
    "Purge": [purges, purges_later, purges_beyond_one_task, removes_file(purge_first)],
    "Blocks": [
        responds("PUT", "/users/me/blocks/{bob}"),
        blocks_are_listed,
        responds("DELETE", "/users/me/blocks/{bob}"),
    ],
    "Canary": [sings],
}
"""By the logical ids of the functions."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where scenes are set."""

    parley: Parley
    account: Account
    people: People
    brief: list[Brief]
    open_another: Callable[[], Awaitable[Brief]]

    async def scene(self, patience: float = PATIENCE) -> Scene:
        """Set a scene with people who have never been here; only alice has used the function Chats."""
        if not self.brief:
            self.brief.append(await self.open_another())
        alice, bob = self.people.join("alice"), self.people.join("bob")
        chat_id = await self.parley.direct_chat(alice, bob)
        return Scene(self.parley, self.account, alice, bob, chat_id, self.brief, patience)


@pytest.fixture
async def stage(parley: Parley, account: Account, people: People) -> AsyncIterator[Stage]:
    """Give the stage, with connections to spare whose tokens end in a moment."""
    late = people.join("late")
    async with parley.socket(late):
        pass  # so that the functions of a handshake are warm
    async with AsyncExitStack() as opened:
        open_another = partial(open_brief, parley, account, late, opened)
        brief = [await open_another() for _ in range(BRIEF_CONNECTIONS)]
        yield Stage(parley, account, people, brief, open_another)


async def open_brief(parley: Parley, account: Account, person: Person, opened: AsyncExitStack) -> Brief:
    """Open a connection whose token ends in a moment, until `opened` is closed."""
    for seconds in BRIEF_TOKEN_SECONDS:
        ticket = await parley.ticket(person)
        ends_at = int(time.time()) + seconds
        end_tickets_tokens(account, person, ends_at)
        with suppress(InvalidStatus):  # the token has ended before the connection opened
            socket = await opened.enter_async_context(open_socket(parley.socket_url(ticket=ticket)))
            return Brief(socket, ends_at)
    raise AssertionError(f"no connection opened within {BRIEF_TOKEN_SECONDS[-1]} s")


def end_tickets_tokens(account: Account, person: Person, ends_at: int) -> None:
    """Let a person's tickets be those of a token that ends at a time, in seconds since the epoch."""
    table = account.table("Tickets")
    for page in account.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            if item["userId"]["S"] == person.user_id:
                account.dynamodb.update_item(
                    TableName=table,
                    Key={"ticket": item["ticket"]},
                    UpdateExpression="SET tokenExpiresAt = :end",
                    ExpressionAttributeValues={":end": {"N": str(ends_at)}},
                )


async def first_to_fail(stage: Stage, probes: list[Probe], grant: Grant) -> Probe | None:
    """Give the first of the probes to fail while a permission is withheld."""
    for probe in probes:
        scene = await stage.scene(BRIEFLY)
        with grant.withheld():
            try:
                await probe(scene)
            except (AssertionError, InvalidStatus, TimeoutError):
                return probe
    return None


@pytest.mark.parametrize("function", PROBES)
async def test_each_permission_of_a_function_is_needed(stage: Stage, account: Account, function: str) -> None:
    """All probes pass; with any one permission withheld one of them fails, and passes again afterwards."""
    probes = list(PROBES[function])
    superfluous = []
    with variables(account, RETAINING, RETENTION_DAYS="30") if function in RETAINING else nullcontext():
        for probe in probes:
            await probe(await stage.scene())
        for grant in grants(account, function):
            if is_for_logging(grant) or is_for_schedule(grant) or is_for_deployment(grant):
                continue  # see the next test; a schedule comes once a day; and there would be no stack
            failed = await first_to_fail(stage, probes, grant)
            if failed is None:
                superfluous.append(str(grant))
            else:
                await failed(await stage.scene())
                probes.remove(failed)
                probes.insert(0, failed)  # which may well need the next one, too
    assert superfluous == []


def is_for_logging(grant: Grant, actions: Collection[str] = LOGGING) -> bool:
    """Whether a permission is one of those that every function has for its log."""
    return isinstance(grant, RoleGrant) and grant.action in actions


def is_for_schedule(grant: Grant) -> bool:
    """Whether a permission is a schedule's, to invoke the function."""
    return isinstance(grant, InvokeGrant) and ":rule/" in str(grant)


def is_for_deployment(grant: Grant) -> bool:
    """Whether a permission is a custom resource's, to make or to delete what the stack cannot be without."""
    return isinstance(grant, RoleGrant) and grant.action in DEPLOYMENT


@pytest.mark.parametrize("action", LOGGING)
async def test_each_permission_to_log_is_needed(stage: Stage, account: Account, action: str) -> None:
    """Withheld from all functions at once, it keeps all that they say from the log, and no longer."""

    async def silent(since: float) -> set[str]:
        return {function for function in PROBES if not logged(account, function, since)}

    await end_environments(account)  # a stream is made for a new one only
    with ExitStack() as withheld:
        for function in PROBES:
            for grant in grants(account, function):
                if is_for_logging(grant, [action]):
                    withheld.enter_context(grant.withheld())
        began = await use_all_functions(stage)
        with pytest.raises(AssertionError):
            await eventually(lambda: silent(began), lambda left: left != PROBES.keys(), BRIEFLY)
    began = await use_all_functions(stage)
    await eventually(lambda: silent(began), lambda left: not left)


async def end_environments(account: Account) -> None:
    """Kill all execution environments."""
    ended = process_ids(f"AWS_ENDPOINT_URL={account.target.endpoint_url}", "AWS_LAMBDA_FUNCTION_NAME=")
    for environment in ended:
        os.kill(environment, signal.SIGKILL)

    async def unreaped() -> bool:
        return any(os.path.exists(f"/proc/{environment}") for environment in ended)  # noqa: ASYNC240, PTH110

    await eventually(unreaped, lambda some: not some)


async def use_all_functions(stage: Stage) -> float:
    """Use every function; give when that began, in seconds since the epoch."""
    began = time.time()
    for probes in PROBES.values():
        await probes[0](await stage.scene())
    return began


def logged(account: Account, function: str, since: float) -> bool:
    """Whether a function's log has anything from a time on."""
    group = account.of_type("AWS::Logs::LogGroup")[f"{function}Logs"]
    found = account.logs.filter_log_events(logGroupName=group, startTime=int(since * 1_000), limit=1)
    return bool(found["events"])


def test_every_function_of_the_stack_is_probed(account: Account) -> None:
    """A new function has no permission that is not put to the test."""
    assert account.of_type("AWS::Lambda::Function").keys() == PROBES.keys()
