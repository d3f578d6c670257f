"""CloudFront's distributions in MiniStack: where they are reached, and how they reach an API.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from copy import deepcopy
from typing import TYPE_CHECKING

import httpx
import pytest

from localcloud.interfaces import Request
from tests.localcloud.small_templates import stack_of

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws


DISTRIBUTION = {
    "Type": "AWS::CloudFront::Distribution",
    "Properties": {
        "DistributionConfig": {
            "Enabled": True,
            "Origins": [{"Id": "origin", "DomainName": "bucket.s3.amazonaws.com", "S3OriginConfig": {}}],
            "DefaultCacheBehavior": {
                "TargetOriginId": "origin",
                "ViewerProtocolPolicy": "redirect-to-https",
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            },
        }
    },
}


async def visit(aws: InProcessAws, stack: str) -> int:
    """Deploy a distribution that redirects to https, and open it as a browser does; the status."""
    template = {
        **stack_of(Site=DISTRIBUTION),
        "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Site", "DomainName"]}}},
    }
    assert await aws.deploy(stack, template) == "CREATE_COMPLETE"
    described = await aws.cloudformation("DescribeStacks", {"StackName": stack})
    label = (described.findtext(".//OutputValue") or "").rpartition("/")[2]
    transport = httpx.ASGITransport(aws.control_plane)
    async with httpx.AsyncClient(transport=transport) as browser:
        answer = await browser.get(f"http://{label}.cloudfront.localhost:4566/")
    return answer.status_code


async def test_distribution_opened_in_a_browser_answers(aws: InProcessAws) -> None:
    """A browser, which says nothing of its protocol, gets the origin's answer (403: there is no bucket)."""
    assert not 300 <= await visit(aws, "distribution") < 400


async def test_distribution_opened_in_a_browser_unfixed_redirects_to_where_nothing_is(
    aws: InProcessAws,
) -> None:
    """MiniStack alone sends the browser to https."""
    from localcloud.ministack.fixes import cloudfront_viewer_protocol  # noqa: PLC0415

    with cloudfront_viewer_protocol.FIX.undone():
        assert 300 <= await visit(aws, "distribution-unfixed") < 400


async def distribution_names(aws: InProcessAws, stack: str) -> set[str]:
    """Deploy a distribution and update it; what CloudFormation and CloudFront name it."""
    template = {**stack_of(Site=DISTRIBUTION), "Outputs": {"Id": {"Value": {"Ref": "Site"}}}}
    template["Outputs"]["Name"] = {"Value": {"Fn::GetAtt": ["Site", "DomainName"]}}
    assert await aws.deploy(stack, template) == "CREATE_COMPLETE"
    created = await aws.outputs(stack)
    template["Resources"]["Site"] = deepcopy(DISTRIBUTION)
    template["Resources"]["Site"]["Properties"]["DistributionConfig"]["Comment"] = "changed"
    assert await aws.deploy(stack, template) == "UPDATE_COMPLETE"
    names = {created["Name"], (await aws.outputs(stack))["Name"]}
    for path in (f"/2020-05-31/distribution/{created['Id']}", "/2020-05-31/distribution"):
        response = await aws.control_plane.call("cloudfront", Request("GET", path, path.encode(), b"", ()))
        found = ET.fromstring(response.body)  # noqa: S314 - our own server's answer
        summaries = [found, *(each for each in found.iter() if each.tag.endswith("DistributionSummary"))]
        for each in summaries:
            texts = {child.tag.rpartition("}")[2]: child.text for child in each}
            if texts.get("Id") == created["Id"]:
                names.add(str(texts["DomainName"]))
    return names


async def test_distribution_is_named_by_where_it_is_reached(aws: InProcessAws) -> None:
    """By CloudFormation and by CloudFront alike: a path of this server, with no name to look up."""
    (name,) = await distribution_names(aws, "distribution-named")
    assert re.fullmatch(r"127\.0\.0\.1:4566/_aws/cloudfront/[a-z0-9]+", name)


async def test_distribution_unfixed_is_named_as_on_aws(aws: InProcessAws) -> None:
    """MiniStack alone gives a name by which no request comes to this machine."""
    from localcloud.ministack.fixes import cloudfront_addresses  # noqa: PLC0415

    with cloudfront_addresses.FIX.undone():
        (name,) = await distribution_names(aws, "distribution-unnamed")
    assert re.fullmatch(r"[a-z0-9]+\.cloudfront\.net", name)


@pytest.mark.usefixtures("aws")
def test_origin_that_is_an_api_is_reached_at_this_server() -> None:
    """Whatever protocol the distribution is told to use; another origin is left as it is."""
    from ministack.services import cloudfront  # noqa: PLC0415

    from localcloud.ministack.fixes import cloudfront_api_origins  # noqa: PLC0415

    def target(domain: str) -> tuple[str, int, bool]:
        origin = {"domain_name": domain, "protocol_policy": "https-only", "https_port": 443, "http_port": 80}
        found: tuple[str, int, bool] = cloudfront._origin_connect_target(origin, True)  # noqa: SLF001
        return found

    api = "abc123.execute-api.us-east-1.amazonaws.com"
    assert target(api) == ("127.0.0.1", 4566, False)
    assert target("files.example.com") == ("files.example.com", 443, True)
    with cloudfront_api_origins.FIX.undone():
        assert target(api) == (api, 443, True), "upstream has mended it"
