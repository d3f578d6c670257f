"""Names that several regions have: to which one a look-up leads, and what of it hangs on health."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import pytest

from localcloud.interfaces import Request
from localcloud.regions.health_checks import HealthChecks
from localcloud.regions.names import Names
from localcloud.regions.records import HealthCheck, Record, answer
from tests.localcloud.in_process_aws import InProcessAws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.asgi import Receive, Scope, Send
    from tests.localcloud.in_process_aws import Template

FIRST, OTHER = "us-east-1", "eu-west-1"
NAME = "api.shared.example"
LATENCY = [Record(FIRST), Record(OTHER)]
FAILOVER = [Record(FIRST, "SECONDARY"), Record(OTHER, "PRIMARY")]
CHECK = HealthCheck("c1", "a1", "/v1/health%20y")


@pytest.mark.parametrize(
    ("records", "healthy", "nearest_first", "region"),
    [
        (LATENCY, LATENCY, [FIRST, OTHER], FIRST),
        (LATENCY, LATENCY, [OTHER, FIRST], OTHER),
        (LATENCY, [Record(FIRST)], [OTHER, FIRST], FIRST),
        (LATENCY, [], [OTHER, FIRST], OTHER),
        (FAILOVER, FAILOVER, [FIRST, OTHER], OTHER),
        (FAILOVER, FAILOVER[:1], [FIRST, OTHER], FIRST),
        (FAILOVER, [], [FIRST, OTHER], OTHER),
        (FAILOVER[:1], [], [FIRST, OTHER], FIRST),
    ],
)
def test_answer_is_the_nearest_or_the_primary_of_those_in_order(
    records: Sequence[Record], healthy: Sequence[Record], nearest_first: Sequence[str], region: str
) -> None:
    """Where none is in order, all count as if they were."""
    assert answer(records, healthy, nearest_first) == region


@dataclass
class FakeClock:
    """A clock that is set."""

    time: float = 0.0

    def now(self) -> float:
        """The time."""
        return self.time


@dataclass
class FakeApi:
    """An ASGI application that answers with a status."""

    status: int = 200
    asked: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        self.asked.append(f"{scope['method']} {scope['raw_path'].decode()} {scope['path']}")
        assert await receive() == {"type": "http.request", "body": b"", "more_body": False}
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (302, True), (400, False), (503, False)])
async def test_api_is_healthy_where_it_answers_with_success(status: int, healthy: bool) -> None:
    """Or with a redirection: Route 53 reads no body and follows nothing."""
    api = FakeApi(status)
    assert await HealthChecks(api, FakeClock()).is_healthy(CHECK) == healthy
    assert api.asked == ["GET /_aws/execute-api/a1/v1/health%20y /_aws/execute-api/a1/v1/health y"]


async def test_api_is_asked_anew_a_second_later() -> None:
    """Not once for each of many who look a name up at once, and not once for all time."""
    api, clock = FakeApi(), FakeClock(100.0)
    checks = HealthChecks(api, clock)
    assert await checks.is_healthy(CHECK)
    api.status = 503
    clock.time = 100.9
    assert await checks.is_healthy(CHECK)
    clock.time = 101.0
    assert not await checks.is_healthy(CHECK)
    assert len(api.asked) == 2


def names(records: Sequence[Record], unreachable: set[str], api: FakeApi | None = None) -> Names:
    """Names of which one has these records."""
    checks = HealthChecks(api or FakeApi(), FakeClock())
    return Names((FIRST, OTHER), unreachable, lambda name: records if name == NAME else [], checks)


async def test_name_without_records_is_that_of_any_region() -> None:
    """As where somebody's own DNS leads it here."""
    assert await names(LATENCY, set()).regions_of("api.other.example") == (FIRST, OTHER)


async def test_name_leads_away_from_a_region_out_of_reach_where_its_record_looks() -> None:
    """One that evaluates its target does, and one whose health check fails; another does not."""
    looking = [Record(FIRST, "PRIMARY", evaluates_target=True), Record(OTHER, "SECONDARY")]
    assert await names(looking, set()).regions_of(NAME) == [FIRST]
    assert await names(looking, {FIRST}).regions_of(NAME) == [OTHER]
    assert await names([Record(FIRST), Record(OTHER)], {FIRST}).regions_of(NAME) == [FIRST]
    checked = [Record(FIRST, health_check=CHECK), Record(OTHER)]
    assert await names(checked, set(), FakeApi(503)).regions_of(NAME) == [OTHER]
    assert await names(checked, set(), FakeApi(200)).regions_of(NAME) == [FIRST]


def request(method: str, region: str = "") -> Request:
    """A request of the control API."""
    path = f"/_localcloud/nearest/{region}".rstrip("/")
    return Request(method, path, path.encode(), b"", ())


async def test_nearest_region_is_the_first_until_it_is_told() -> None:
    """And again when that is taken back; one that is not served is nobody's nearest."""
    shared = names(LATENCY, set())
    endpoints = shared.endpoints()
    assert msgspec.json.decode((await endpoints["GET", "/nearest"](request("GET"))).body) == {
        "nearest": FIRST
    }
    moved = await endpoints["PUT", "/nearest"](request("PUT", OTHER))
    assert msgspec.json.decode(moved.body) == {"nearest": OTHER}
    assert await shared.regions_of(NAME) == [OTHER]
    refused = await endpoints["PUT", "/nearest"](request("PUT", "eu-west-3"))
    assert (refused.status, FIRST.encode() in refused.body) == (404, True)
    await endpoints["DELETE", "/nearest"](request("DELETE"))
    assert await shared.regions_of(NAME) == [FIRST]


def regional(policy: dict[str, str]) -> Template:
    """A region's API at the shared name, with its record and its health check."""
    config = {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": {"Fn::Sub": "${Api}.execute-api.${AWS::Region}.amazonaws.com"},
        "ResourcePath": "/v1/health",
    }
    certificate = {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1"}
    target = {
        "DNSName": {"Fn::GetAtt": ["Domain", "RegionalDomainName"]},
        "HostedZoneId": {"Fn::GetAtt": ["Domain", "RegionalHostedZoneId"]},
        "EvaluateTargetHealth": True,
    }
    record = {
        "HostedZoneName": "shared.example.",
        "Name": {"Ref": "Domain"},
        "Type": "A",
        "SetIdentifier": {"Ref": "AWS::Region"},
        "AliasTarget": target,
        "HealthCheckId": {"Ref": "Check"},
        **policy,
    }
    stage = {"ApiId": {"Ref": "Api"}, "StageName": "v1", "AutoDeploy": True}
    mapping = {"ApiId": {"Ref": "Api"}, "DomainName": {"Ref": "Domain"}, "Stage": {"Ref": "Stage"}}
    resources = {
        "Api": ("ApiGatewayV2::Api", {"Name": "shared", "ProtocolType": "HTTP"}),
        "Stage": ("ApiGatewayV2::Stage", stage),
        "Domain": (
            "ApiGatewayV2::DomainName",
            {"DomainName": NAME, "DomainNameConfigurations": [certificate]},
        ),
        "Mapping": ("ApiGatewayV2::ApiMapping", {**mapping, "ApiMappingKey": "v1"}),
        "Check": ("Route53::HealthCheck", {"HealthCheckConfig": config}),
        "Record": ("Route53::RecordSet", record),
    }
    return {
        "Resources": {
            name: {"Type": f"AWS::{kind}", "Properties": properties}
            for name, (kind, properties) in resources.items()
        },
        "Outputs": {"Api": {"Value": {"Ref": "Api"}}, "Check": {"Value": {"Ref": "Check"}}},
    }


@pytest.mark.parametrize(
    ("stack", "policies"),
    [
        ("shared-latency", [{"Region": FIRST}, {"Region": OTHER}]),
        ("shared-failover", [{"Failover": "PRIMARY"}, {"Failover": "SECONDARY"}]),
    ],
)
async def test_stacks_of_two_regions_share_a_name(
    aws: InProcessAws, stack: str, policies: list[dict[str, str]]
) -> None:
    """Each record leads to its own region's API there, and hangs on the health of that one."""
    zone = {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "shared.example"}}
    assert await aws.deploy(f"{stack}-zone", {"Resources": {"Zone": zone}}) == "CREATE_COMPLETE"
    for region, policy in zip((FIRST, OTHER), policies, strict=True):
        there = InProcessAws(aws.control_plane.in_region(region))
        assert await there.deploy(stack, regional(policy)) == "CREATE_COMPLETE"
        made = await there.outputs(stack)
        check = HealthCheck(made["Check"], made["Api"], "/v1/health")
        assert Record(region, policy.get("Failover", ""), check, evaluates_target=True) in (
            aws.control_plane.records_of(NAME)
        )
        path = aws.control_plane.path_of(NAME, "/v1/chats", [region])
        assert path == f"/_aws/execute-api/{made['Api']}/v1/chats"
    assert len(aws.control_plane.records_of(NAME)) == 2
    for region in (FIRST, OTHER):
        await InProcessAws(aws.control_plane.in_region(region)).delete(stack)
        assert aws.control_plane.path_of(NAME, "/v1/chats", [region]) is None
    assert aws.control_plane.records_of(NAME) == []
    await aws.delete(f"{stack}-zone")
