"""Route settings of a template's stage: understood as mended here, not understood by MiniStack alone.

When the ``..._unfixed_...`` test fails, upstream has mended the fault: delete the fix with this file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.apis.catalog import Catalog, RouteSettings

if TYPE_CHECKING:
    from localcloud.apis.catalog import Stage
    from tests.localcloud.in_process_aws import InProcessAws


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
    api = await Catalog(aws.control_plane).api((await aws.outputs(stack))["Id"])
    assert api is not None
    return api.stages["dev"]


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
