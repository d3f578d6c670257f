"""Regions out of reach: what is theirs is refused, what is others' is not, and which there are is said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from localcloud.errors import LocalcloudError
from localcloud.interfaces import Request
from localcloud.regions.outages import Outages
from localcloud.settings import Settings, other_regions

if TYPE_CHECKING:
    from collections.abc import MutableMapping

FIRST, OTHER = "us-east-1", "eu-west-1"


@dataclass
class FakeRegion:
    """A region with an API by its own name."""

    name: str
    drops: int = 0
    connections: Any = field(init=False)
    websocket: Any = field(init=False)
    gateway: Any = field(init=False)

    def __post_init__(self) -> None:
        """Be found where the region's connections are."""
        self.gateway = self.websocket = self.connections = self

    def owns(self, scope: MutableMapping[str, Any]) -> bool:
        """Whether the path names it."""
        return bool(scope["path"].startswith(f"/{self.name}/"))

    async def drop(self) -> None:
        """Count."""
        self.drops += 1


def scope(path: str = "/", kind: str = "http", **headers: str) -> dict[str, Any]:
    """An ASGI scope."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": kind, "method": "POST", "path": path, "headers": raw}


def signed(region: str) -> dict[str, Any]:
    """A request of a service, signed for a region."""
    credential = f"AWS4-HMAC-SHA256 Credential=AKID/20261121/{region}/sqs/aws4_request, Signature=0"
    return scope(authorization=credential)


def request(method: str, region: str = "") -> Request:
    """A request of the control API."""
    path = f"/_localcloud/outages/{region}".rstrip("/")
    return Request(method, path, path.encode(), b"", ())


async def test_region_out_of_reach_is_all_that_is_refused() -> None:
    """Its APIs and what is signed for it; what is unsigned is the first region's."""
    regions: list[Any] = [FakeRegion(FIRST), FakeRegion(OTHER)]
    outages = Outages(set(), regions)
    assert not outages.owns(signed(OTHER))
    await outages.endpoints()["PUT", "/outages"](request("PUT", OTHER))
    assert regions[1].drops == 1
    assert outages.owns(signed(OTHER))
    assert outages.owns(scope(f"/{OTHER}/v1", "websocket"))
    assert not outages.owns(signed(FIRST))
    assert not outages.owns(scope(f"/{FIRST}/v1"))
    assert not outages.owns(scope(x_amz_target="AWSCognitoIdentityProviderService.InitiateAuth"))
    await outages.endpoints()["PUT", "/outages"](request("PUT", FIRST))
    assert outages.owns(scope(x_amz_target="AWSCognitoIdentityProviderService.InitiateAuth"))
    assert not outages.owns(scope("/_localcloud/health"))


async def test_region_is_reached_again_when_its_outage_ends() -> None:
    """One by name, or all."""
    regions: list[Any] = [FakeRegion(FIRST), FakeRegion(OTHER)]
    outages = Outages({FIRST, OTHER}, regions)
    one = await outages.endpoints()["DELETE", "/outages"](request("DELETE", OTHER))
    assert msgspec.json.decode(one.body) == {"outages": [FIRST]}
    everything = await outages.endpoints()["DELETE", "/outages"](request("DELETE"))
    assert msgspec.json.decode(everything.body) == {"outages": []}
    assert not outages.owns(signed(FIRST))


async def test_region_that_is_not_served_cannot_be_put_out_of_reach() -> None:
    """The answer says which are."""
    regions: list[Any] = [FakeRegion(FIRST)]
    refused = await Outages(set(), regions).endpoints()["PUT", "/outages"](request("PUT", "eu-west-3"))
    assert refused.status == 404
    assert FIRST.encode() in refused.body


async def test_request_of_a_region_out_of_reach_is_answered_with_503() -> None:
    """As a load balancer does before which there is nothing."""
    regions: list[Any] = [FakeRegion(FIRST)]
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        raise AssertionError("nothing of the request is needed")

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await Outages({FIRST}, regions)(signed(FIRST), receive, send)
    assert sent[0]["status"] == 503


@pytest.mark.parametrize(
    ("text", "regions"),
    [("", ()), ("eu-west-1", ("eu-west-1",)), ("eu-west-1,us-west-2", ("eu-west-1", "us-west-2"))],
)
def test_other_regions_are_those_that_the_environment_names(text: str, regions: tuple[str, ...]) -> None:
    """Beside the first."""
    found = other_regions({"LOCALCLOUD_OTHER_REGIONS": text})
    assert Settings(other_regions=found).regions == (FIRST, *regions)


def test_other_regions_that_are_none_are_refused_in_one_sentence() -> None:
    """What is wrong, and what to write."""
    with pytest.raises(LocalcloudError, match="LOCALCLOUD_OTHER_REGIONS is 'europe'"):
        other_regions({"LOCALCLOUD_OTHER_REGIONS": "europe"})
