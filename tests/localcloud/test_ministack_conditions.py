"""CloudFormation's conditions in MiniStack: what they may compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws

CONDITIONS = {
    "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
    "Elsewhere": {"Fn::Not": [{"Condition": "Here"}]},
}


async def queues_by_region(aws: InProcessAws, stack: str) -> set[str]:
    """Deploy a queue for this region and one for others, in a nested stack; which of them are there."""
    child = {
        "Conditions": CONDITIONS,
        "Resources": {
            name: {
                "Type": "AWS::SQS::Queue",
                "Condition": name,
                "Properties": {"QueueName": f"{stack}-{name}"},
            }
            for name in CONDITIONS
        },
    }
    url = await aws.upload(child)
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
    assert await aws.deploy(stack, {"Resources": {"Child": nested}}) == "CREATE_COMPLETE"
    listed = await aws.target("sqs", "AmazonSQS.ListQueues", {"QueueNamePrefix": stack})
    return {url.rpartition("-")[2] for url in listed["QueueUrls"]}


async def test_condition_compares_the_region(aws: InProcessAws) -> None:
    """What CloudFront publishes in one region alone is watched there alone."""
    assert await queues_by_region(aws, "by-region") == {"Here"}


async def test_condition_unfixed_takes_the_region_for_its_name(aws: InProcessAws) -> None:
    """MiniStack alone compares the text "AWS::Region"."""
    from localcloud.ministack.fixes import (  # noqa: PLC0415 - after MiniStack is configured
        pseudo_parameter_conditions,
    )

    with pseudo_parameter_conditions.FIX.undone():
        assert await queues_by_region(aws, "by-region-unfixed") == {"Elsewhere"}
