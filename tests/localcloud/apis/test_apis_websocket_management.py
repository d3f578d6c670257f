"""@connections, called by boto3: every verb, every error, and a client that does not read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from localcloud.interfaces import Denied
from localcloud.settings import AccountQuotas
from tests.localcloud.apis.websocket_world import (
    management_client,
    serving,
    until,
)

if TYPE_CHECKING:
    from tests.localcloud.apis.websocket_world import Served


async def test_post_reaches_the_client_and_is_authorized(served: Served) -> None:
    """boto3's post_to_connection makes a text frame, after IAM was asked about the connection's ARN."""
    client = await served.connect()
    identifier = served.connection_id()
    answer = await asyncio.to_thread(
        served.management().post_to_connection, ConnectionId=identifier, Data="hällo".encode()
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert await client.recv() == "hällo"
    resource = f"arn:aws:execute-api:us-east-1:000000000000:ws1/dev/POST/@connections/{identifier}"
    assert served.control_plane.authorized == [("execute-api", "execute-api:ManageConnections", resource)]


async def test_get_connection_describes_it_in_camel_case(served: Served) -> None:
    """boto3 parses connectedAt, identity and lastActiveAt."""
    await served.connect(user_agent_header="tester")
    answer = await asyncio.to_thread(served.management().get_connection, ConnectionId=served.connection_id())
    assert answer["ConnectedAt"].timestamp() == served.clock.time
    assert answer["LastActiveAt"].timestamp() == served.clock.time
    assert answer["Identity"] == {"SourceIp": "127.0.0.1", "UserAgent": "tester"}


async def test_delete_connection_closes_it_and_fires_disconnect(served: Served) -> None:
    """DELETE is a 204 and closes the socket normally; ``$disconnect`` says so."""
    client = await served.connect()
    delete = served.management().delete_connection
    answer = await asyncio.to_thread(delete, ConnectionId=served.connection_id())
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    with pytest.raises(ConnectionClosed) as raised:
        await client.recv()
    assert raised.value.rcvd is not None
    assert raised.value.rcvd.code == 1000
    await until(lambda: served.functions.seen("disconnect"))
    context = served.functions.seen("disconnect")[-1]["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (
        1000,
        "Connection Closed Normally",
    )


async def test_post_to_closed_connection_is_gone(served: Served) -> None:
    """boto3 raises GoneException for a connection that has been."""
    client = await served.connect()
    await client.close()
    await until(lambda: served.functions.seen("disconnect"))
    management = served.management()
    with pytest.raises(management.exceptions.GoneException):
        await asyncio.to_thread(management.post_to_connection, ConnectionId=served.connection_id(), Data=b"x")


async def test_post_during_its_own_connect_is_gone(served: Served) -> None:
    """Nothing can be posted before ``$connect`` has returned."""
    management = served.management()

    async def post(event: Any) -> dict[str, int]:
        identifier = event["requestContext"]["connectionId"]
        with pytest.raises(management.exceptions.GoneException):
            await asyncio.to_thread(management.post_to_connection, ConnectionId=identifier, Data=b"x")
        return {"statusCode": 200}

    served.functions.handlers["connect"] = post
    client = await served.connect()
    assert client.state is State.OPEN


async def test_denied_post_is_forbidden_and_reaches_nobody(served: Served) -> None:
    """IAM's no is boto3's ForbiddenException, with IAM's reason."""
    client = await served.connect()
    served.control_plane.denied = Denied("AccessDeniedException", "User u is not authorized")
    management = served.management()
    with pytest.raises(management.exceptions.ForbiddenException, match="User u is not authorized"):
        await asyncio.to_thread(management.post_to_connection, ConnectionId=served.connection_id(), Data=b"x")
    await client.send('{"action":"echo"}')
    assert await client.recv() == '{"action":"echo"}'


async def test_oversized_post_is_refused(served: Served) -> None:
    """More than 128 KB is boto3's PayloadTooLargeException; exactly 128 KB arrives."""
    client = await served.connect(max_size=None)
    management = served.management()
    most = b"x" * 131072
    await asyncio.to_thread(management.post_to_connection, ConnectionId=served.connection_id(), Data=most)
    assert len(await client.recv()) == 131072
    with pytest.raises(management.exceptions.PayloadTooLargeException):
        await asyncio.to_thread(
            management.post_to_connection, ConnectionId=served.connection_id(), Data=most + b"x"
        )


async def test_slow_reader_makes_posts_fail_and_memory_stay(served: Served) -> None:
    """A client that does not read gets LimitExceededException for its senders."""
    client = await served.connect(max_size=None, max_queue=1, compression=None)
    client.transport.pause_reading()
    session = served.gateway.websocket.connections.find("ws1", "dev", served.connection_id())
    assert session is not None
    management = served.management()

    def post_until_refused() -> None:
        for _ in range(200):
            management.post_to_connection(ConnectionId=served.connection_id(), Data=b"x" * 131072)

    with pytest.raises(management.exceptions.LimitExceededException):
        await asyncio.to_thread(post_until_refused)
    assert session.lifecycle.outgoing_bytes <= 1_048_576
    await asyncio.to_thread(management.delete_connection, ConnectionId=served.connection_id())
    served.clock.time += 10
    served.gateway.websocket.connections.sweep()
    assert not len(served.gateway.websocket.connections), "a client that answers no close frame is given up"
    await until(lambda: served.functions.seen("disconnect"))
    client.transport.abort()


async def test_callback_url_of_the_event_reaches_this_server(served: Served) -> None:
    """Built from domainName and stage as on AWS, with this target's scheme."""
    client = await served.connect()
    context = served.functions.seen("connect")[-1]["requestContext"]
    management = management_client(f"http://{context['domainName']}/{context['stage']}")
    identifier = context["connectionId"]
    await asyncio.to_thread(management.post_to_connection, ConnectionId=identifier, Data=b"hello")
    assert await client.recv() == "hello"


@pytest.mark.parametrize("verb", ["post_to_connection", "get_connection", "delete_connection"])
async def test_every_verb_on_an_unknown_connection_is_gone(served: Served, verb: str) -> None:
    """410, whatever is asked of it."""
    management = served.management()
    parameters = {"Data": b"x"} if verb == "post_to_connection" else {}
    with pytest.raises(management.exceptions.GoneException):
        await asyncio.to_thread(getattr(management, verb), ConnectionId="KHYl4F5kIAMCFbQ=", **parameters)


async def test_post_to_another_stage_is_forbidden(served: Served) -> None:
    """A stage that is not there is 403, whoever asks."""
    await served.connect()
    management = served.management("prod")
    with pytest.raises(management.exceptions.ForbiddenException):
        await asyncio.to_thread(management.post_to_connection, ConnectionId=served.connection_id(), Data=b"x")


async def test_post_by_another_stage_of_the_api_is_gone(served: Served) -> None:
    """A connection belongs to the stage that it was made to."""
    served.deploy(stages=[{"stageName": "dev"}, {"stageName": "prod"}])
    await served.connect()
    management = served.management("prod")
    with pytest.raises(management.exceptions.GoneException):
        await asyncio.to_thread(management.post_to_connection, ConnectionId=served.connection_id(), Data=b"x")


@pytest.mark.parametrize(
    "path",
    ["ws1/@connections/{}", "@connections/{}", "ws1/dev/connections/{}", "ws1/dev/dev/@connections/{}"],
)
async def test_post_to_a_wrong_form_of_the_url_reaches_nobody(served: Served, path: str) -> None:
    """The stage left out or named twice, the API left out, the mark forgotten: refused, never a 200."""
    client = await served.connect()
    identifier = quote(served.connection_id(), safe="")
    async with httpx.AsyncClient() as sender:
        url = f"http://{served.host}/_aws/execute-api/{path.format(identifier)}"
        assert (await sender.post(url, content=b"lost")).status_code in (403, 404)
    assert await served.ask(client) == '{"action":"echo"}'


async def test_post_beyond_the_accounts_throttle_is_limit_exceeded() -> None:
    """Callbacks share the account's bucket with everything else."""
    async with serving(AccountQuotas(requests_per_second=1, request_burst=2)) as served:
        client = await served.connect()
        management = served.management()
        await served.post(b"one")
        with pytest.raises(management.exceptions.LimitExceededException):
            await asyncio.to_thread(
                management.post_to_connection, ConnectionId=served.connection_id(), Data=b"two"
            )
        served.clock.time += 1
        await served.post(b"three")
        assert [await client.recv(), await client.recv()] == ["one", "three"]
