"""AWS WAF in front of a distribution: what templates and calls make of it, and what viewers get.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from localcloud.distributions import Distributions
from localcloud.interfaces import Request
from tests.localcloud.test_ministack_authorization import HOST

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws, Json, Template

WAF = "AWSWAF_20190729"
HERE, ELSEWHERE = "127.0.0.1/32", "192.0.2.0/24"
PAGE = b"the page of the site"


def visible(name: str) -> Template:
    """A visibility configuration, as text where a parameter would have made text of it."""
    return {"CloudWatchMetricsEnabled": "true", "MetricName": name, "SampledRequestsEnabled": "false"}


def firewall(name: str, address: str) -> dict[str, Template]:
    """An IP set, a web ACL that blocks it, and its log."""
    ip_set = {"Name": name, "Scope": "CLOUDFRONT", "IPAddressVersion": "IPV4", "Addresses": [address]}
    rule = {
        "Name": "listed",
        "Priority": "0",
        "Action": {"Block": {}},
        "Statement": {"IPSetReferenceStatement": {"Arn": {"Fn::GetAtt": ["Listed", "Arn"]}}},
        "VisibilityConfig": visible("listed"),
    }
    acl = {
        "Name": name,
        "Scope": "CLOUDFRONT",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": visible(name),
        "Rules": [rule],
    }
    group = f"aws-waf-logs-{name}"
    logging = {
        "ResourceArn": {"Fn::GetAtt": ["Acl", "Arn"]},
        "LogDestinationConfigs": [{"Fn::Sub": "arn:aws:logs:us-east-1:${AWS::AccountId}:log-group:${Logs}"}],
        "RedactedFields": [{"QueryString": {}}],
    }
    return {
        "Listed": {"Type": "AWS::WAFv2::IPSet", "Properties": ip_set},
        "Acl": {"Type": "AWS::WAFv2::WebACL", "Properties": acl},
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": group}},
        "Logging": {"Type": "AWS::WAFv2::LoggingConfiguration", "Properties": logging},
    }


def site(name: str, web_acl: Json, **settings: Json) -> Template:
    """A distribution of a bucket, behind a web ACL."""
    origin = {
        "Id": "bucket",
        "DomainName": f"{name}.s3.us-east-1.amazonaws.com",
        "OriginAccessControlId": {"Ref": "Access"},
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    behavior = {
        "TargetOriginId": "bucket",
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    }
    config = {
        "Enabled": True,
        "Origins": [origin],
        "DefaultCacheBehavior": behavior,
        "WebACLId": web_acl,
        **settings,
    }
    return {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}


async def deploy(aws: InProcessAws, name: str, address: str, *, lists: bool = False, **settings: Json) -> str:
    """Deploy or update a site with a page behind a firewall that blocks an address; the site's address."""
    for path, body in ((f"/{name}", b""), (f"/{name}/page.html", PAGE)):
        await aws.control_plane.call("s3", Request("PUT", path, path.encode(), b"", (), body))
    cloudfront = {"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}}
    statements = [{**cloudfront, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}]
    if lists:
        statements.append({**cloudfront, "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{name}"})
    access = {"Name": name, "OriginAccessControlOriginType": "s3"}
    policy = {"Bucket": name, "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    resources = {
        **firewall(name, address),
        "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": policy},
        "Access": {
            "Type": "AWS::CloudFront::OriginAccessControl",
            "Properties": {"OriginAccessControlConfig": access},
        },
        "Site": site(name, {"Fn::GetAtt": ["Acl", "Arn"]}, **settings),
    }
    outputs = {
        "Domain": {"Value": {"Fn::GetAtt": ["Site", "DomainName"]}},
        "Acl": {"Value": {"Fn::GetAtt": ["Acl", "Arn"]}},
        "Listed": {"Value": {"Ref": "Listed"}},
    }
    assert (await aws.deploy(name, {"Resources": resources, "Outputs": outputs})).endswith("E_COMPLETE")
    return (await aws.outputs(name))["Domain"]


async def get(aws: InProcessAws, domain: str, path: str = "/page.html") -> httpx.Response:
    """Visit a path, as a browser at 127.0.0.1 does."""
    transport = httpx.ASGITransport(Distributions(aws.control_plane, HOST))
    async with httpx.AsyncClient(transport=transport) as browser:
        return await browser.get(f"http://{domain}{path}")


async def logged(aws: InProcessAws, name: str) -> list[Json]:
    """What the web ACL has logged."""
    found = await aws.target(
        "logs", "Logs_20140328.FilterLogEvents", {"logGroupName": f"aws-waf-logs-{name}"}
    )
    return [event["message"] for event in found["events"]]


async def test_address_in_the_ip_set_is_blocked(aws: InProcessAws) -> None:
    """It gets CloudFront's own page, the log has it without its query, and the metrics count it."""
    domain = await deploy(aws, "waf-blocks", HERE)
    answer = await get(aws, domain, "/page.html?Secret")
    assert answer.status_code == 403
    assert "Request blocked" in answer.text
    (line,) = await logged(aws, "waf-blocks")
    assert '"terminatingRuleId":"listed"' in line
    assert "Secret" not in line
    wanted = {
        "Namespace": "AWS/WAFV2",
        "MetricName": "BlockedRequests",
        "Dimensions": [{"Name": "WebACL", "Value": "waf-blocks"}, {"Name": "Rule", "Value": "listed"}],
        "StartTime": time.time() - 3_600,
        "EndTime": time.time() + 3_600,
        "Period": 60,
        "Statistics": ["Sum"],
    }
    counted = await aws.target("monitoring", "GraniteServiceVersion20100801.GetMetricStatistics", wanted)
    assert [point["Sum"] for point in counted["Datapoints"]] == [1]


async def test_address_that_is_taken_off_the_list_is_let_through(aws: InProcessAws) -> None:
    """An update changes the set in place, and what is in it counts from then on."""
    domain = await deploy(aws, "waf-update", HERE)
    before = await aws.outputs("waf-update")
    assert (await get(aws, domain)).status_code == 403
    assert await deploy(aws, "waf-update", ELSEWHERE) == domain
    assert await aws.outputs("waf-update") == before
    assert (await get(aws, domain)).content == PAGE


async def test_firewall_unfixed_blocks_nothing(aws: InProcessAws) -> None:
    """MiniStack alone keeps the web ACL's ARN and lets everybody through."""
    from localcloud.ministack.fixes import cloudfront_web_acls  # noqa: PLC0415 - after MiniStack is configured

    domain = await deploy(aws, "waf-unfixed", HERE)
    with cloudfront_web_acls.FIX.undone():
        assert (await get(aws, domain)).content == PAGE


async def test_custom_error_page_answers_what_is_blocked(aws: InProcessAws) -> None:
    """CloudFront cannot tell whose 403 it is: a page for it is shown to the blocked, too."""
    page = {"ErrorCode": 403, "ResponseCode": 200, "ResponsePagePath": "/page.html"}
    domain = await deploy(aws, "waf-page", HERE, CustomErrorResponses=[page])
    answer = await get(aws, domain, "/other")
    assert (answer.status_code, answer.content) == (200, PAGE)


@pytest.mark.parametrize(("lists", "status"), [(True, 404), (False, 403)])
async def test_missing_file_is_not_found_by_who_may_list(
    aws: InProcessAws, *, lists: bool, status: int
) -> None:
    """So that a site can have a page for what is missing and none for what is blocked."""
    domain = await deploy(aws, f"waf-missing-{status}", ELSEWHERE, lists=lists)
    assert (await get(aws, domain, "/other")).status_code == status
    assert (await get(aws, domain)).content == PAGE


async def test_missing_file_unfixed_is_forbidden(aws: InProcessAws) -> None:
    """MiniStack alone looks at no permission to list."""
    from localcloud.ministack.fixes import cloudfront_missing_files  # noqa: PLC0415 - as above

    domain = await deploy(aws, "waf-missing-unfixed", ELSEWHERE, lists=True)
    with cloudfront_missing_files.FIX.undone():
        assert (await get(aws, domain, "/other")).status_code == 403


async def test_distribution_with_unknown_web_acl_is_refused(aws: InProcessAws) -> None:
    """Nobody believes to be behind a firewall that is not there."""
    missing = "arn:aws:wafv2:us-east-1:000000000000:global/webacl/none/9e8c8a52-0000-0000-0000-000000000000"
    status = await aws.deploy("waf-missing", {"Resources": {"Site": site("waf-missing", missing)}})
    assert status == "ROLLBACK_COMPLETE"


async def test_firewall_is_described_and_deleted(aws: InProcessAws) -> None:
    """The rules in the API's spelling, the set's addresses, and where it logs; with the stack they go."""
    await deploy(aws, "waf-describe", ELSEWHERE)
    outputs = await aws.outputs("waf-describe")
    name, identifier, scope = outputs["Listed"].split("|")
    place = {"Id": identifier, "Name": name, "Scope": scope}
    ip_set = await aws.target("wafv2", f"{WAF}.GetIPSet", place)
    assert ip_set["IPSet"]["Addresses"] == [ELSEWHERE]
    acl_id = outputs["Acl"].rpartition("/")[2]
    acl = await aws.target("wafv2", f"{WAF}.GetWebACL", {**place, "Id": acl_id})
    (rule,) = acl["WebACL"]["Rules"]
    assert rule["Priority"] == 0
    assert rule["Statement"]["IPSetReferenceStatement"]["ARN"] == ip_set["IPSet"]["ARN"]
    assert rule["VisibilityConfig"]["CloudWatchMetricsEnabled"] is True
    of_acl = {"ResourceArn": outputs["Acl"]}
    logging = await aws.target("wafv2", f"{WAF}.GetLoggingConfiguration", of_acl)
    assert logging["LoggingConfiguration"]["RedactedFields"] == [{"QueryString": {}}]
    await aws.delete("waf-describe")
    assert "IPSet" not in await aws.target("wafv2", f"{WAF}.GetIPSet", place)
    assert "LoggingConfiguration" not in await aws.target("wafv2", f"{WAF}.GetLoggingConfiguration", of_acl)


@pytest.mark.parametrize("group", ["waf-elsewhere", "aws-waf-logs-missing"])
async def test_log_group_that_cannot_be_written_is_refused(aws: InProcessAws, group: str) -> None:
    """One of another name, and one that is not there."""
    name = f"waf-with-{group}"
    await deploy(aws, name, ELSEWHERE)
    destination = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    wanted: dict[str, Any] = {
        "ResourceArn": (await aws.outputs(name))["Acl"],
        "LogDestinationConfigs": [destination],
    }
    put = f"{WAF}.PutLoggingConfiguration"
    refused = await aws.target("wafv2", put, {"LoggingConfiguration": wanted})
    assert refused["__type"].endswith("WAFInvalidParameterException")
    assert group in refused["message"]


async def test_logging_can_be_ended_by_the_api(aws: InProcessAws) -> None:
    """And begun again."""
    domain = await deploy(aws, "waf-silent", HERE)
    of_acl = {"ResourceArn": (await aws.outputs("waf-silent"))["Acl"]}
    kept = await aws.target("wafv2", f"{WAF}.GetLoggingConfiguration", of_acl)
    await aws.target("wafv2", f"{WAF}.DeleteLoggingConfiguration", of_acl)
    assert (await get(aws, domain)).status_code == 403
    assert await logged(aws, "waf-silent") == []
    await aws.target("wafv2", f"{WAF}.PutLoggingConfiguration", kept)
    await get(aws, domain)
    assert len(await logged(aws, "waf-silent")) == 1


async def test_firewall_resources_unfixed_cannot_be_deployed(aws: InProcessAws) -> None:
    """MiniStack alone knows neither of the two types."""
    from localcloud.ministack.fixes import firewall_resources  # noqa: PLC0415 - after MiniStack is configured

    alone = {key: value for key, value in firewall("waf-types", HERE).items() if key == "Listed"}
    with firewall_resources.FIX.undone():
        assert await aws.deploy("waf-types", {"Resources": alone}) != "CREATE_COMPLETE"
