"""APIs of API Gateway as templates make them: their CORS, addresses and WebSocket resources.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.localcloud.small_templates import stack_of

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws, Json, Template


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
