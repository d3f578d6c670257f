"""Route 53 in MiniStack: health checks and records of several regions, as CloudFormation makes them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.interfaces import Request

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws, Template

NAME = "api.records.example."


def health_check(interval: int = 30, path: str = "/v1/health") -> Template:
    """A stack of one check; numbers are text, as a template's parameters make them."""
    config = {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": "a1.execute-api.us-east-1.amazonaws.com",
        "ResourcePath": path,
        "Port": "443",
        "RequestInterval": str(interval),
        "EnableSNI": "true",
    }
    tags = [{"Key": "Name", "Value": "parley"}]
    check = {"Type": "AWS::Route53::HealthCheck", "Properties": {"HealthCheckConfig": config}}
    check["Properties"] |= {"HealthCheckTags": tags}  # type: ignore[operator]
    return {"Resources": {"Check": check}, "Outputs": {"Id": {"Value": {"Ref": "Check"}}}}


def records(*policies: dict[str, Any]) -> Template:
    """A zone with a record for each policy, made one after the other."""
    resources: Template = {
        "Zone": {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "records.example"}}
    }
    for number, policy in enumerate(policies):
        target = {"DNSName": f"d-{number}.execute-api.us-east-1.amazonaws.com", "HostedZoneId": "Z1"}
        properties = {
            "HostedZoneId": {"Ref": "Zone"},
            "Name": NAME,
            "Type": "A",
            "AliasTarget": target,
            **policy,
        }
        before = [f"Record{number - 1}"] if number else []
        resources[f"Record{number}"] = {
            "Type": "AWS::Route53::RecordSet",
            "Properties": properties,
            "DependsOn": before,
        }
    return {"Resources": resources}


async def checks(aws: InProcessAws) -> dict[str, dict[str, str]]:
    """What ListHealthChecks says: each check's configuration by its id."""
    path = "/2013-04-01/healthcheck"
    answer = await aws.control_plane.call("route53", Request("GET", path, path.encode(), b"", ()))
    root = ET.fromstring(answer.body)  # noqa: S314 - our own server's answer
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return {
        str(check.findtext("Id")): {
            each.tag: str(each.text) for each in check.iterfind("HealthCheckConfig/*")
        }
        for check in root.iter("HealthCheck")
    }


async def test_health_check_is_deployed_changed_and_deleted_with_its_stack(aws: InProcessAws) -> None:
    """Its path changes in place; with another interval it is another check."""
    assert await aws.deploy("checked", health_check()) == "CREATE_COMPLETE"
    check_id = (await aws.outputs("checked"))["Id"]
    assert (await checks(aws))[check_id] == {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": "a1.execute-api.us-east-1.amazonaws.com",
        "ResourcePath": "/v1/health",
        "Port": "443",
        "RequestInterval": "30",
        "EnableSNI": "true",
    }
    assert await aws.deploy("checked", health_check(path="/v2/health")) == "UPDATE_COMPLETE"
    assert (await aws.outputs("checked"))["Id"] == check_id
    assert (await checks(aws))[check_id]["ResourcePath"] == "/v2/health"
    assert await aws.deploy("checked", health_check(interval=10)) == "UPDATE_COMPLETE"
    assert (await aws.outputs("checked"))["Id"] != check_id
    assert check_id not in await checks(aws)
    await aws.delete("checked")
    assert not await checks(aws)


async def test_health_check_unfixed_is_not_deployed(aws: InProcessAws) -> None:
    """MiniStack alone has no such resource."""
    from localcloud.ministack.fixes import (  # noqa: PLC0415 - after MiniStack is configured
        health_check_resources,
    )

    with health_check_resources.FIX.undone():
        assert "Unrecognized resource types" in await aws.deploy("check-unfixed", health_check())


def latency(region: str, **more: str) -> dict[str, Any]:
    """The policy of a latency record."""
    return {"SetIdentifier": region, "Region": region, **more}


def failover(region: str, place: str) -> dict[str, Any]:
    """The policy of a failover record."""
    return {"SetIdentifier": region, "Failover": place}


@pytest.mark.parametrize(
    ("stack", "policies"),
    [
        ("latency-beside-latency", [latency("us-east-1"), latency("eu-west-1")]),
        ("secondary-beside-primary", [failover("us-east-1", "PRIMARY"), failover("eu-west-1", "SECONDARY")]),
        ("simple-alone", [{}]),
    ],
)
async def test_records_that_may_stand_beside_each_other_are_taken(
    aws: InProcessAws, stack: str, policies: list[dict[str, Any]]
) -> None:
    """Of one policy, each with a value of its own."""
    assert await aws.deploy(stack, records(*policies)) == "CREATE_COMPLETE"
    await aws.delete(stack)


REFUSED = [
    ("latency-beside-simple", [{}, latency("us-east-1")]),
    ("failover-beside-latency", [latency("us-east-1"), failover("eu-west-1", "SECONDARY")]),
    ("second-primary", [failover("us-east-1", "PRIMARY"), failover("eu-west-1", "PRIMARY")]),
    ("region-twice", [latency("us-east-1"), latency("us-east-1", SetIdentifier="again")]),
    ("policy-without-identifier", [{"Region": "us-east-1"}]),
]


@pytest.mark.parametrize(("stack", "policies"), REFUSED)
async def test_record_that_may_not_stand_beside_another_is_refused(
    aws: InProcessAws, stack: str, policies: list[dict[str, Any]]
) -> None:
    """As by Route 53, and the stack with it."""
    assert await aws.deploy(stack, records(*policies)) == "ROLLBACK_COMPLETE"
    await aws.delete(stack)


async def test_record_unfixed_stands_beside_any_other(aws: InProcessAws) -> None:
    """MiniStack alone looks at the SetIdentifier only."""
    from localcloud.ministack.fixes import record_policies  # noqa: PLC0415 - after MiniStack is configured

    with record_policies.FIX.undone():
        assert await aws.deploy("records-unfixed", records(*REFUSED[1][1])) == "CREATE_COMPLETE"
    await aws.delete("records-unfixed")
