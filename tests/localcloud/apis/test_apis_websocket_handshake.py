"""The upgrade to a WebSocket, as a client sees it: its statuses, extensions, subprotocols and throttles."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.extensions.permessage_deflate import PerMessageDeflate

from localcloud.interfaces import Denied
from localcloud.settings import AccountQuotas
from tests.localcloud.apis.apis_fakes import HandlerError
from tests.localcloud.apis.websocket_world import (
    serving,
    until,
    upgrade_by_hand,
)

if TYPE_CHECKING:
    from tests.localcloud.apis.websocket_world import Served


@pytest.mark.parametrize(("answered", "status"), [(400, 400), (403, 403), (503, 503)])
async def test_connect_integration_status_is_the_upgrades_status(
    served: Served, answered: int, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A refusal of ``$connect`` passes through, and the server takes it for no fault."""
    served.functions.handlers["connect"] = lambda _: {"statusCode": answered}
    with pytest.raises(InvalidStatus) as raised:
        await served.connect()
    assert raised.value.response.status_code == status
    assert not len(served.gateway.websocket.connections)
    await until(lambda: not served.server.server_state.tasks)
    assert "without completing handshake" not in caplog.text


async def test_connect_integration_crash_is_502(served: Served) -> None:
    """A ``$connect`` function that raises makes a bad gateway."""

    def crash(_: Any) -> None:
        raise HandlerError("boom")

    served.functions.handlers["connect"] = crash
    with pytest.raises(InvalidStatus) as raised:
        await served.connect()
    assert raised.value.response.status_code == 502


@pytest.mark.parametrize("path", ["ws1/prod", "ws1", "ws1/dev/more", "gone/dev"])
async def test_upgrade_that_reaches_no_stage_is_403(served: Served, path: str) -> None:
    """An unknown stage or API, and whatever is not a stage's own URL, are forbidden."""
    with pytest.raises(InvalidStatus) as raised:
        await connect(f"ws://{served.host}/_aws/execute-api/{path}")
    assert raised.value.response.status_code == 403


async def test_host_form_reaches_the_api(served: Served) -> None:
    """The API is also found by the host name that AWS gives it."""
    client = await connect(
        f"ws://ws1.execute-api.localhost:{served.host.partition(':')[2]}/dev", host="127.0.0.1"
    )
    served.open.append(client)
    context = served.functions.seen("connect")[-1]["requestContext"]
    assert context["domainName"].startswith("ws1.execute-api.localhost:")


async def test_connect_event_has_the_headers_as_written_and_those_of_the_front_end(served: Served) -> None:
    """Names keep their case; what a client says of X-Forwarded-For stands before its own address."""
    client = await served.connect(
        additional_headers=[("X-Own", "a"), ("X-Own", "b"), ("x-forwarded-for", "10.0.0.7")]
    )
    event = served.functions.seen("connect")[-1]
    headers = event["headers"]
    assert headers["Host"] == served.host
    assert headers["Sec-WebSocket-Version"] == "13"
    assert event["multiValueHeaders"]["X-Own"] == ["a", "b"]
    assert headers["X-Forwarded-For"] == "10.0.0.7, 127.0.0.1"
    assert (headers["X-Forwarded-Port"], headers["X-Forwarded-Proto"]) == (
        served.host.partition(":")[2],
        "http",
    )
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers["X-Amzn-Trace-Id"])
    assert not {"x-forwarded-for", "Upgrade", "Connection"} & set(headers)
    await client.close()


async def test_plain_get_on_stage_is_426(served: Served) -> None:
    """The stage's URL wants an upgrade."""
    async with httpx.AsyncClient() as client:
        response = await client.get(f"http://{served.host}/_aws/execute-api/ws1/dev")
    assert response.status_code == 426


async def test_subprotocol_of_the_connect_integration_is_agreed(served: Served) -> None:
    """What ``$connect`` returns as Sec-WebSocket-Protocol is what the client gets."""
    served.functions.handlers["connect"] = lambda _: {
        "statusCode": 200,
        "headers": {"Sec-WebSocket-Protocol": "chat.v1"},
    }
    client = await served.connect(subprotocols=["chat.v2", "chat.v1"])
    assert client.subprotocol == "chat.v1"


async def test_subprotocol_that_connect_does_not_return_is_not_agreed(served: Served) -> None:
    """The answer then names none, and a browser gives up."""
    head = await upgrade_by_hand(served.host, ["Sec-WebSocket-Protocol: chat.v1"])
    assert head.startswith("HTTP/1.1 101 ")
    assert "sec-websocket-protocol" not in head.lower()


async def test_permessage_deflate_is_negotiated(served: Served) -> None:
    """What a client offers is agreed, and long answers pass through it."""
    client = await served.connect(compression="deflate")
    assert [type(extension) for extension in client.protocol.extensions] == [PerMessageDeflate]
    text = json.dumps({"action": "echo", "pad": "compressible " * 2000})
    assert await served.ask(client, text) == text
    assert await served.ask(client, text) == text


@pytest.mark.parametrize("offer", [None, "permessage-deflate; unheard-of=1", "x-webkit-deflate-frame"])
async def test_permessage_deflate_not_offered_or_not_understood_is_left_out(
    served: Served, offer: str | None
) -> None:
    """The connection opens without it."""
    headers = [f"Sec-WebSocket-Extensions: {offer}"] if offer else []
    head = await upgrade_by_hand(served.host, headers)
    assert head.startswith("HTTP/1.1 101 ")
    assert "sec-websocket-extensions" not in head.lower()


async def test_url_over_4096_characters_is_refused(served: Served) -> None:
    """The query counts; one character less passes."""
    longest = 4096 - len(served.websocket_url.replace("ws://", "wss://")) - len("?pad=")
    await served.connect("?pad=" + "x" * longest)
    assert await served.refusal("?pad=" + "x" * (longest + 1)) == 414


async def test_upgrades_beyond_the_accounts_connect_rate_are_429() -> None:
    """The quota refills with the clock."""
    async with serving(AccountQuotas(connections_per_second=2)) as served:
        await served.connect()
        await served.connect()
        assert await served.refusal() == 429
        assert len(served.functions.seen("connect")) == 2
        served.clock.time += 0.5
        await served.connect()


async def test_upgrade_beyond_the_connect_routes_throttle_is_429(served: Served) -> None:
    """The stage's settings hold for ``$connect`` too."""
    limits = {"throttlingBurstLimit": 1, "throttlingRateLimit": 1}
    served.deploy(stages=[{"stageName": "dev", "routeSettings": {"$connect": limits}}])
    await served.connect()
    assert await served.refusal() == 429


async def test_connect_integration_that_times_out_is_504(served: Served) -> None:
    """The integration's own timeout decides; the function runs on."""
    ended = asyncio.Event()

    async def slow(_: Any) -> dict[str, int]:
        await ended.wait()
        return {"statusCode": 200}

    served.functions.handlers["connect"] = slow
    served.deploy({"routeKey": "$connect", "function": "connect", "timeoutInMillis": 50})
    assert await served.refusal() == 504
    ended.set()


async def test_connect_function_that_api_gateway_may_not_invoke_is_500(served: Served) -> None:
    """Without a Lambda permission the function never runs."""
    served.control_plane.not_permitted.add("connect")
    assert await served.refusal() == 500
    assert not served.functions.seen("connect")


async def test_connection_id_has_awss_form(served: Served) -> None:
    """Sixteen characters of base64 that end in ``=``."""
    await served.connect()
    assert re.fullmatch(r"[A-Za-z0-9_-]{15}=", served.connection_id())


async def test_signed_upgrade_asks_iam_to_invoke_connect(served: Served) -> None:
    """A route of the type AWS_IAM opens when IAM says yes to the stage's ``$connect``."""
    served.deploy({"routeKey": "$connect", "function": "connect", "authorizationType": "AWS_IAM"})
    await served.connect("?X-Amz-Signature=s")
    resource = "arn:aws:execute-api:us-east-1:000000000000:ws1/dev/$connect"
    assert served.control_plane.authorized == [("execute-api", "execute-api:Invoke", resource)]
    served.control_plane.denied = Denied("AccessDeniedException", "User u is not authorized")
    assert await served.refusal() == 403
    assert len(served.functions.seen("connect")) == 1


@pytest.mark.parametrize(("template", "status"), [('{"statusCode": 403}', 403), ("$input.body", 502)])
async def test_mock_connect_integration_answers_its_templates_status(
    served: Served, template: str, status: int
) -> None:
    """Static templates only; without one it is 200."""
    served.deploy({"routeKey": "$connect", "integrationType": "MOCK"})
    integration = served.control_plane.resources["/v2/apis/ws1/integrations"]["items"][0]
    await connect(served.websocket_url)
    integration["requestTemplates"] = {"$default": template}
    served.control_plane.generation += 1
    assert await served.refusal() == status
