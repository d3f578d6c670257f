"""A domain of the stack's own: the site and both APIs answer at it, and all else goes on as before."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import connect

from e2e.support.deadlines import PATIENCE
from e2e.support.parley import ping, send_message
from e2e.support.partial_stacks import PartialStack, described

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from harness.outputs import Outputs

pytestmark = pytest.mark.embedded_only("on AWS a domain has to be ours, and its certificate takes minutes")

NAME = "parley-e2e-domain"
DOMAIN = "chat.parley.example"


@dataclass(frozen=True)
class Addresses:
    """What the stack's outputs are with a domain."""

    site: str
    http: str
    websocket: str


@pytest.fixture(scope="module")
def addresses(account: Account, stack: Outputs) -> Iterator[Addresses]:
    """Give the stack under test a domain, as the root does where a parameter names one."""
    certificate, site, domains = (
        PartialStack(account, f"{NAME}-{part}", f"{part}.yaml") for part in ("certificate", "web", "domains")
    )
    arn = certificate.put({"DomainName": DOMAIN})["CertificateArn"]
    standing = described(account, account.resources["AWS::CloudFormation::Stack", "Web"])["Parameters"]
    values = {each["ParameterKey"]: each["ParameterValue"] for each in standing}
    web = site.put(
        {**values, "NamePrefix": NAME, "SiteName": DOMAIN, "ApisBelow": DOMAIN, "CertificateArn": arn}
    )
    http_api, websocket_api = (
        urlsplit(each).path.split("/") for each in (stack.http_api_url, stack.web_socket_url)
    )
    made = domains.put(
        {
            "DomainName": DOMAIN,
            "HostedZoneId": "",
            "CertificateArn": arn,
            "SiteDomain": web["DistributionDomain"],
            "HttpApiId": http_api[-2],
            "HttpStage": http_api[-1],
            "WebSocketApiId": websocket_api[-2],
            "WebSocketStage": websocket_api[-1],
        }
    )
    yield Addresses(web["WebUrl"], made["HttpApiUrl"], made["WebSocketUrl"])
    for part in (domains, site, certificate):
        part.delete()


@pytest.fixture
def here(account: Account) -> tuple[str, int]:
    """Host and port of what answers, to which a record in DNS would lead."""
    endpoint = urlsplit(account.target.endpoint_url or "")
    assert endpoint.hostname
    assert endpoint.port
    return endpoint.hostname, endpoint.port


def test_site_answers_at_its_domain(addresses: Addresses, here: tuple[str, int]) -> None:
    """Its pages may reach the two APIs at their names, and no other API."""
    assert addresses.site == f"https://{DOMAIN}"
    answer = httpx.get(
        "http://{}:{}/".format(*here), headers={"Host": DOMAIN}, timeout=PATIENCE, trust_env=False
    )
    sources = answer.headers["content-security-policy"].split("connect-src ")[1].split(";")[0].split()
    assert {f"https://api.{DOMAIN}", f"wss://ws.{DOMAIN}"} <= set(sources)
    assert not any("execute-api" in source for source in sources)


async def test_http_api_answers_at_its_name(
    addresses: Addresses, here: tuple[str, int], alice: Person
) -> None:
    """With the paths that it has at its other address; who has no token is refused."""
    address = urlsplit(addresses.http)
    url = "http://{}:{}".format(*here) + f"{address.path}/chats"
    async with httpx.AsyncClient(
        timeout=PATIENCE, trust_env=False, headers={"Host": address.netloc}
    ) as client:
        assert (await client.get(url)).status_code == 401
        assert (await client.get(url, headers=alice.authorization)).json() == {"chats": []}


async def test_websocket_opens_at_its_name_and_is_pushed_to(
    addresses: Addresses, here: tuple[str, int], parley: Parley, alice: Person, bob: Person
) -> None:
    """What is posted to a connection finds it, whichever name it was opened at."""
    url = f"{addresses.websocket.replace('wss:', 'ws:')}?ticket={await parley.ticket(alice)}"
    host, port = here
    async with connect(url, host=host, port=port, open_timeout=PATIENCE) as socket:
        await socket.send(json.dumps(ping()))
        assert json.loads(await socket.recv())["type"] == "pong"
        chat_id = await parley.direct_chat(bob, alice)
        async with parley.socket(bob) as others:
            assert (await others.ask(send_message(chat_id, 0, "hello")))["type"] == "ack"
        async with asyncio.timeout(PATIENCE):
            types = {json.loads(await socket.recv())["type"]}
            while "message" not in types:
                types.add(json.loads(await socket.recv())["type"])
