"""Settings of stages and integrations: understood as mended here, lost by MiniStack alone.

When an ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.apis.catalog import Catalog
from localcloud.apis.resources import RouteSettings

if TYPE_CHECKING:
    from localcloud.apis.resources import Api, Stage
    from tests.localcloud.in_process_aws import InProcessAws


async def read(aws: InProcessAws, api_id: str) -> Api:
    """An API as the data planes read it."""
    api = await Catalog(aws.control_plane).api(api_id)
    assert api is not None
    return api


async def deployed_stage(aws: InProcessAws, stack: str) -> Stage:
    """Deploy an API with a throttled stage, then change a limit; the stage as the data planes read it."""

    async def deploy(burst: str) -> None:
        template = {
            "Parameters": {"Rate": {"Type": "Number", "Default": "2000"}},
            "Resources": {
                "Api": {
                    "Type": "AWS::ApiGatewayV2::Api",
                    "Properties": {"Name": stack, "ProtocolType": "WEBSOCKET"},
                },
                "Stage": {
                    "Type": "AWS::ApiGatewayV2::Stage",
                    "Properties": {
                        "ApiId": {"Ref": "Api"},
                        "StageName": "dev",
                        "AutoDeploy": True,
                        "DefaultRouteSettings": {
                            "ThrottlingRateLimit": {"Ref": "Rate"},
                            "ThrottlingBurstLimit": burst,
                            "DetailedMetricsEnabled": "true",
                        },
                        "RouteSettings": {"send": {"ThrottlingBurstLimit": 7}},
                    },
                },
            },
            "Outputs": {"Id": {"Value": {"Ref": "Api"}}},
        }
        assert (await aws.deploy(stack, template)).endswith("_COMPLETE")

    await deploy("10")
    await deploy("1000")
    return (await read(aws, (await aws.outputs(stack))["Id"])).stages["dev"]


async def test_stage_settings_of_a_template_are_those_of_the_stage(aws: InProcessAws) -> None:
    """Names are the API's, numbers are numbers although a parameter gave them; an update changes them."""
    stage = await deployed_stage(aws, "stage-settings")
    assert stage.default_route_settings == RouteSettings(2000.0, 1000, detailed_metrics_enabled=True)
    assert stage.settings_of("send").throttling_burst_limit == 7


async def test_stage_settings_unfixed_are_not_understood(aws: InProcessAws) -> None:
    """MiniStack alone stores CloudFormation's spelling."""
    from localcloud.ministack.fixes import stage_settings  # noqa: PLC0415 - after MiniStack is configured

    with stage_settings.FIX.undone():
        stage = await deployed_stage(aws, "stage-settings-unfixed")
    assert stage.default_route_settings == RouteSettings()


ROLE = "arn:aws:iam::000000000000:role/gateway"


async def integration_roles(aws: InProcessAws, stack: str) -> list[str | None]:
    """The role of an integration that CloudFormation made, after an update, and of one by an API call."""

    async def deploy(timeout_ms: str) -> None:
        properties = {"ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY", "CredentialsArn": ROLE}
        template = {
            "Resources": {
                "Api": {
                    "Type": "AWS::ApiGatewayV2::Api",
                    "Properties": {"Name": stack, "ProtocolType": "WEBSOCKET"},
                },
                "Integration": {
                    "Type": "AWS::ApiGatewayV2::Integration",
                    "Properties": {**properties, "TimeoutInMillis": timeout_ms},
                },
                "Route": {
                    "Type": "AWS::ApiGatewayV2::Route",
                    "Properties": {
                        "ApiId": {"Ref": "Api"},
                        "RouteKey": "send",
                        "Target": {"Fn::Sub": "integrations/${Integration}"},
                    },
                },
            },
            "Outputs": {"Id": {"Value": {"Ref": "Api"}}},
        }
        assert (await aws.deploy(stack, template)).endswith("_COMPLETE")

    await deploy("1000")
    await deploy("2000")
    path = f"/v2/apis/{(await aws.outputs(stack))['Id']}"
    made = await aws.post(
        "apigateway", f"{path}/integrations", {"integrationType": "AWS_PROXY", "credentialsArn": ROLE}
    )
    target = f"integrations/{made['integrationId']}"
    await aws.post("apigateway", f"{path}/routes", {"routeKey": "made", "target": target})
    await aws.post("apigateway", f"{path}/stages", {"stageName": "dev", "autoDeploy": True})
    routes = (await read(aws, path.rpartition("/")[2])).stages["dev"].routes
    integrations = [routes[key].integration for key in ("send", "made")]
    return [integration.credentials_arn if integration else None for integration in integrations]


async def test_integration_keeps_the_role_that_it_is_called_with(aws: InProcessAws) -> None:
    """By CloudFormation and by an API call; a timeout given as text is a number."""
    assert await integration_roles(aws, "integration-role") == [ROLE, ROLE]


async def test_integration_unfixed_forgets_its_role(aws: InProcessAws) -> None:
    """MiniStack alone drops it."""
    from localcloud.ministack.fixes import integration_settings  # noqa: PLC0415

    with integration_settings.FIX.undone():
        assert await integration_roles(aws, "integration-role-unfixed") == [None, None]
