"""Each fault of MiniStack that localcloud mends: mended here, still there upstream.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from copy import deepcopy
from typing import TYPE_CHECKING

import httpx

from localcloud.interfaces import Request

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws, Json, Template

QUEUE = "AWS::SQS::Queue"
TABLE = "AWS::DynamoDB::Table"


def stack_of(**resources: Template) -> Template:
    """A template of resources and nothing else."""
    return {"Resources": resources}


def table(name: str, **settings: Json) -> Template:
    """A table with a string key."""
    key = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    }
    return {"Type": TABLE, "Properties": {**key, **settings}}


async def update_nested(aws: InProcessAws, stack: str) -> str:
    """Deploy a nested stack, then again with a change beside a queue that an output reads; its status."""

    async def parent(description: str) -> Template:
        child = {
            "Description": description,
            **stack_of(Kept={"Type": QUEUE, "Properties": {"QueueName": f"{stack}-kept"}}),
            "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Kept", "Arn"]}}},
        }
        url = await aws.upload(child)
        return stack_of(Child={"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}})

    assert await aws.deploy(stack, await parent("first")) == "CREATE_COMPLETE"
    return await aws.deploy(stack, await parent("second"))


async def test_nested_stack_update_keeps_attributes_of_unchanged_resources(aws: InProcessAws) -> None:
    """An update of a child that leaves a queue alone still finds the queue's ARN."""
    assert await update_nested(aws, "nested-update") == "UPDATE_COMPLETE"


async def test_nested_stack_update_unfixed_fails(aws: InProcessAws) -> None:
    """MiniStack alone loses the attribute and rolls back."""
    from localcloud.ministack.fixes import nested_stack_update  # noqa: PLC0415 - after MiniStack is configured

    with nested_stack_update.FIX.undone():
        assert await update_nested(aws, "nested-update-unfixed") != "UPDATE_COMPLETE"


async def fail_nested(aws: InProcessAws, stack: str) -> set[str]:
    """Deploy a nested stack whose second resource fails; the names of the tables that are left."""
    child = stack_of(
        First=table(f"{stack}-left"),
        Second={"Type": "AWS::No::Such", "DependsOn": "First", "Properties": {}},
    )
    url = await aws.upload(child)
    parent = stack_of(Child={"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}})
    assert await aws.deploy(stack, parent) == "ROLLBACK_COMPLETE"
    names = await aws.target("dynamodb", "DynamoDB_20120810.ListTables", {})
    return {name for name in names["TableNames"] if name.startswith(stack)}


async def test_nested_stack_failure_leaves_nothing_behind(aws: InProcessAws) -> None:
    """What a failed child had made is deleted in the rollback."""
    assert await fail_nested(aws, "nested-failure") == set()


async def test_nested_stack_failure_unfixed_leaks(aws: InProcessAws) -> None:
    """MiniStack alone leaves the child's table."""
    from localcloud.ministack.fixes import nested_stack_rollback  # noqa: PLC0415

    with nested_stack_rollback.FIX.undone():
        assert await fail_nested(aws, "nested-leak") == {"nested-leak-left"}


async def http_api(aws: InProcessAws, stack: str) -> Json:
    """Deploy an HTTP API with CORS; what GetApi says of it."""
    api = {
        "Type": "AWS::ApiGatewayV2::Api",
        "Properties": {
            "Name": stack,
            "ProtocolType": "HTTP",
            "CorsConfiguration": {"AllowOrigins": ["https://chat.example"], "AllowMethods": ["GET"]},
        },
    }
    template = {
        **stack_of(Api=api),
        "Outputs": {
            "Id": {"Value": {"Ref": "Api"}},
            "Url": {"Value": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}},
        },
    }
    assert await aws.deploy(stack, template) == "CREATE_COMPLETE"
    outputs = await aws.outputs(stack)
    described = await aws.get("apigateway", f"/v2/apis/{outputs['Id']}")
    assert described["apiEndpoint"] == outputs["Url"]
    return described


async def test_http_api_cors_from_template_is_spelled_as_the_api_does(aws: InProcessAws) -> None:
    """The origins of the template are those of the API."""
    described = await http_api(aws, "cors")
    assert described["corsConfiguration"]["allowOrigins"] == ["https://chat.example"]


async def test_http_api_cors_unfixed_is_not_understood(aws: InProcessAws) -> None:
    """MiniStack alone stores CloudFormation's spelling."""
    from localcloud.ministack.fixes import http_api_cors  # noqa: PLC0415

    with http_api_cors.FIX.undone():
        described = await http_api(aws, "cors-unfixed")
    assert "allowOrigins" not in described["corsConfiguration"]


async def test_api_address_reaches_this_server(aws: InProcessAws) -> None:
    """An HTTP API's address is loopback's, by path."""
    described = await http_api(aws, "address")
    assert described["apiEndpoint"] == f"http://127.0.0.1:4566/_aws/execute-api/{described['apiId']}"


async def test_api_address_of_websocket_api_made_by_api_call_is_ws(aws: InProcessAws) -> None:
    """CreateApi gives the same kind of address as CloudFormation."""
    created = await aws.post("apigateway", "/v2/apis", {"name": "ws", "protocolType": "WEBSOCKET"})
    assert created["apiEndpoint"] == f"ws://127.0.0.1:4566/_aws/execute-api/{created['apiId']}"


async def test_api_address_unfixed_is_a_name_that_may_not_resolve(aws: InProcessAws) -> None:
    """MiniStack alone gives a WebSocket API an http address under localhost."""
    from localcloud.ministack.fixes import api_addresses  # noqa: PLC0415

    with api_addresses.FIX.undone():
        created = await aws.post("apigateway", "/v2/apis", {"name": "raw", "protocolType": "WEBSOCKET"})
    assert created["apiEndpoint"] == f"http://{created['apiId']}.execute-api.localhost:4566"


async def table_settings(aws: InProcessAws, name: str) -> tuple[str, str, str]:
    """Deploy a table with every setting; the status of its TTL, point-in-time recovery and encryption."""
    template = stack_of(
        Table=table(
            name,
            TimeToLiveSpecification={"AttributeName": "expiresAt", "Enabled": True},
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
            SSESpecification={"SSEEnabled": True},
        )
    )
    assert await aws.deploy(name, template) == "CREATE_COMPLETE"
    return await described_settings(aws, name)


async def described_settings(aws: InProcessAws, name: str) -> tuple[str, str, str]:
    """The status of a table's TTL, point-in-time recovery and encryption."""
    prefix = "DynamoDB_20120810."
    ttl = await aws.target("dynamodb", f"{prefix}DescribeTimeToLive", {"TableName": name})
    backups = await aws.target("dynamodb", f"{prefix}DescribeContinuousBackups", {"TableName": name})
    described = await aws.target("dynamodb", f"{prefix}DescribeTable", {"TableName": name})
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    encryption = described["Table"].get("SSEDescription") or {"Status": "DISABLED"}
    return (
        ttl["TimeToLiveDescription"]["TimeToLiveStatus"],
        recovery["PointInTimeRecoveryStatus"],
        encryption["Status"],
    )


async def test_table_settings_from_template_are_on(aws: InProcessAws) -> None:
    """TTL, point-in-time recovery and encryption are what the template says."""
    assert await table_settings(aws, "settings-table") == ("ENABLED", "ENABLED", "ENABLED")


async def test_table_settings_dropped_from_template_go_off(aws: InProcessAws) -> None:
    """An update without TTL and recovery switches both off."""
    await table_settings(aws, "settings-dropped")
    assert (
        await aws.deploy("settings-dropped", stack_of(Table=table("settings-dropped"))) == "UPDATE_COMPLETE"
    )
    assert (await described_settings(aws, "settings-dropped"))[:2] == ("DISABLED", "DISABLED")


async def test_table_settings_of_deleted_table_are_not_the_next_ones(aws: InProcessAws) -> None:
    """A table made anew under the name of a deleted one starts with no TTL."""
    await table_settings(aws, "settings-deleted")
    await aws.delete("settings-deleted")
    assert await aws.deploy("settings-anew", stack_of(Table=table("settings-deleted"))) == "CREATE_COMPLETE"
    assert (await described_settings(aws, "settings-deleted"))[0] == "DISABLED"


async def test_table_settings_unfixed_stay_off(aws: InProcessAws) -> None:
    """MiniStack alone ignores all three."""
    from localcloud.ministack.fixes import table_settings as fixed  # noqa: PLC0415

    with fixed.FIX.undone():
        assert await table_settings(aws, "settings-unfixed") == ("DISABLED", "DISABLED", "DISABLED")


def websocket_api(response_key: str = "$default") -> Template:
    """A WebSocket API with a route response, an integration response and a deployment."""
    api = {"Ref": "Api"}
    properties: dict[str, Template] = {
        "Api": {
            "Name": "socket",
            "ProtocolType": "WEBSOCKET",
            "RouteSelectionExpression": "$request.body.action",
        },
        "Integration": {"ApiId": api, "IntegrationType": "MOCK"},
        "Route": {"ApiId": api, "RouteKey": "$default", "RouteResponseSelectionExpression": "$default"},
        "RouteResponse": {"ApiId": api, "RouteId": {"Ref": "Route"}, "RouteResponseKey": response_key},
        "IntegrationResponse": {
            "ApiId": api,
            "IntegrationId": {"Ref": "Integration"},
            "IntegrationResponseKey": response_key,
        },
        "Deployment": {"ApiId": api, "Description": "first"},
    }
    resources = {
        name: {"Type": f"AWS::ApiGatewayV2::{name}", "Properties": value}
        for name, value in properties.items()
    }
    return {
        **stack_of(**resources),
        "Outputs": {name: {"Value": {"Ref": name}} for name in ("Api", "Integration", "Route", "Deployment")},
    }


async def test_websocket_resources_from_template_are_the_services(aws: InProcessAws) -> None:
    """GetRouteResponses, GetIntegrationResponses and GetDeployments give what the template made."""
    assert await aws.deploy("socket", websocket_api()) == "CREATE_COMPLETE"
    outputs = await aws.outputs("socket")
    base, route = f"/v2/apis/{outputs['Api']}", outputs["Route"].rpartition("/")[2]
    routes = await aws.get("apigateway", f"{base}/routes/{route}/routeresponses")
    integrations = await aws.get(
        "apigateway", f"{base}/integrations/{outputs['Integration']}/integrationresponses"
    )
    deployments = await aws.get("apigateway", f"{base}/deployments")
    assert [response["routeResponseKey"] for response in routes["items"]] == ["$default"]
    assert [response["integrationResponseKey"] for response in integrations["items"]] == ["$default"]
    assert [deployment["deploymentId"] for deployment in deployments["items"]] == [outputs["Deployment"]]


async def test_websocket_resources_updated_and_removed_follow_the_template(aws: InProcessAws) -> None:
    """A changed response is changed in place, a removed one goes."""
    await aws.deploy("socket-update", websocket_api())
    outputs = await aws.outputs("socket-update")
    path = f"/v2/apis/{outputs['Api']}/integrations/{outputs['Integration']}/integrationresponses"
    before = (await aws.get("apigateway", path))["items"]
    assert await aws.deploy("socket-update", websocket_api("/400/")) == "UPDATE_COMPLETE"
    after = (await aws.get("apigateway", path))["items"]
    without = websocket_api("/400/")
    del without["Resources"]["IntegrationResponse"]
    assert await aws.deploy("socket-update", without) == "UPDATE_COMPLETE"
    assert [response["integrationResponseId"] for response in after] == [
        response["integrationResponseId"] for response in before
    ]
    assert [response["integrationResponseKey"] for response in after] == ["/400/"]
    assert (await aws.get("apigateway", path))["items"] == []


async def test_websocket_resources_unfixed_reject_the_template(aws: InProcessAws) -> None:
    """MiniStack alone knows none of the three types."""
    from localcloud.ministack.fixes import websocket_resources  # noqa: PLC0415

    with websocket_resources.FIX.undone():
        for resource in ("RouteResponse", "IntegrationResponse", "Deployment"):
            template = websocket_api()
            for other in {"RouteResponse", "IntegrationResponse", "Deployment"} - {resource}:
                del template["Resources"][other]
            template.pop("Outputs")
            status = await aws.deploy(f"socket-unfixed-{resource}", template)
            assert status.startswith("REJECTED")
            assert f"AWS::ApiGatewayV2::{resource}" in status


async def user_pool(aws: InProcessAws, stack: str) -> str:
    """Deploy a user pool whose provider URL is an output; the status."""
    template = {
        **stack_of(Pool={"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": stack}}),
        "Outputs": {
            "Url": {"Value": {"Fn::GetAtt": ["Pool", "ProviderURL"]}},
            "Id": {"Value": {"Ref": "Pool"}},
        },
    }
    return await aws.deploy(stack, template)


async def test_user_pool_provider_url_is_the_issuer(aws: InProcessAws) -> None:
    """The attribute is what tokens of the pool carry as their issuer."""
    assert await user_pool(aws, "pool") == "CREATE_COMPLETE"
    outputs = await aws.outputs("pool")
    assert outputs["Url"] == f"https://cognito-idp.us-east-1.amazonaws.com/{outputs['Id']}"


async def test_user_pool_provider_url_unfixed_fails_the_stack(aws: InProcessAws) -> None:
    """MiniStack alone does not know the attribute."""
    from localcloud.ministack.fixes import user_pool_provider_url  # noqa: PLC0415

    with user_pool_provider_url.FIX.undone():
        assert await user_pool(aws, "pool-unfixed") == "ROLLBACK_COMPLETE"


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
