"""Domains of one's own: which requests reach what is behind them, and which are left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.custom_domains import CustomDomains
from localcloud.interfaces import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.asgi import Receive, Scope, Send
    from tests.localcloud.in_process_aws import InProcessAws, Template

REGIONS = ("us-east-1", "eu-west-1")
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/1"


async def regions_of(_domain: str) -> Sequence[str]:
    """The one region."""
    return REGIONS


def path_of(domain: str, raw_path: str, regions: Sequence[str]) -> str | None:
    """Where the one domain leads."""
    assert regions == REGIONS
    return f"/_aws/execute-api/a1/v1{raw_path}" if domain == "api.chat.example" else None


async def arrived(kind: str, host: str, raw_path: str) -> tuple[str, str]:
    """The path and the percent-encoded path by which a request arrives."""
    seen: list[Scope] = []

    async def serve(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    scope: Scope = {
        "type": kind,
        "path": "/a b",
        "raw_path": raw_path.encode(),
        "headers": [(b"Host", host.encode())],
    }
    await CustomDomains(serve, regions_of, path_of)(scope, None, None)  # type: ignore[arg-type]
    assert seen[0]["headers"] == scope["headers"]
    return seen[0]["path"], seen[0]["raw_path"].decode()


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", ["api.chat.example", "API.chat.example:4566"])
async def test_request_for_a_domain_arrives_at_what_is_behind_it(kind: str, host: str) -> None:
    """By the path form of its address, whatever the port and the case of the name."""
    path, raw_path = await arrived(kind, host, "/a%20b")
    assert (path, raw_path) == ("/_aws/execute-api/a1/v1/a b", "/_aws/execute-api/a1/v1/a%20b")


@pytest.mark.parametrize("host", ["other.example", "127.0.0.1:4566", "d1.cloudfront.localhost:4566", ""])
async def test_request_for_another_name_arrives_as_it_is(host: str) -> None:
    """Nobody's domain, and the names of this machine."""
    assert await arrived("http", host, "/a%20b") == ("/a b", "/a%20b")


def api_at(name: str) -> dict[str, Template]:
    """An API at a domain, below the name of its stage."""
    settings = {"CertificateArn": CERTIFICATE, "EndpointType": "REGIONAL"}
    mapping = {
        "ApiId": {"Ref": "Api"},
        "DomainName": {"Ref": "Domain"},
        "Stage": {"Ref": "Stage"},
        "ApiMappingKey": "v1",
    }
    return {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": name, "ProtocolType": "HTTP"}},
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "v1", "AutoDeploy": True},
        },
        "Domain": {
            "Type": "AWS::ApiGatewayV2::DomainName",
            "Properties": {"DomainName": name, "DomainNameConfigurations": [settings]},
        },
        "Mapping": {"Type": "AWS::ApiGatewayV2::ApiMapping", "Properties": mapping},
    }


async def test_domain_of_an_api_leads_to_it_until_it_is_deleted(aws: InProcessAws) -> None:
    """A path that no mapping has leads nowhere."""
    name = "api.leads.example"
    template = {"Resources": api_at(name), "Outputs": {"Id": {"Value": {"Ref": "Api"}}}}
    assert await aws.deploy("domain-of-api", template) == "CREATE_COMPLETE"
    api_id = (await aws.outputs("domain-of-api"))["Id"]

    def at(domain: str, raw_path: str) -> str | None:
        return aws.control_plane.path_of(domain, raw_path, REGIONS)

    assert at(name, "/v1/chats") == f"/_aws/execute-api/{api_id}/v1/chats"
    assert at(name, "/v1") == f"/_aws/execute-api/{api_id}/v1/"
    assert at(name, "/v2/chats") is None
    assert at("api.other.example", "/v1/chats") is None
    await aws.delete("domain-of-api")
    assert at(name, "/v1/chats") is None


async def test_alias_of_a_distribution_leads_to_it(aws: InProcessAws) -> None:
    """As its own address does."""
    await aws.control_plane.call("s3", Request("PUT", "/alias", b"/alias", b"", ()))
    origin = {"Id": "bucket", "DomainName": "alias.s3.us-east-1.amazonaws.com", "S3OriginConfig": {}}
    config = {
        "Enabled": True,
        "Aliases": ["chat.example"],
        "ViewerCertificate": {"AcmCertificateArn": CERTIFICATE, "SslSupportMethod": "sni-only"},
        "Origins": [origin],
        "DefaultCacheBehavior": {"TargetOriginId": "bucket", "ViewerProtocolPolicy": "allow-all"},
    }
    template = {
        "Resources": {
            "Site": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}
        },
        "Outputs": {"Domain": {"Value": {"Fn::GetAtt": ["Site", "DomainName"]}}},
    }
    assert await aws.deploy("domain-of-site", template) == "CREATE_COMPLETE"
    address = (await aws.outputs("domain-of-site"))["Domain"].partition("/")[2]
    assert aws.control_plane.path_of("chat.example", "/a%20b", REGIONS) == f"/{address}/a%20b"
