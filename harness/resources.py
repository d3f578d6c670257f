"""What a stack and the stacks nested in it consist of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_cloudformation import CloudFormationClient

FUNCTION = "AWS::Lambda::Function"
_STACK = "AWS::CloudFormation::Stack"


def resources(cloudformation: CloudFormationClient, stack_name: str) -> Mapping[tuple[str, str], str]:
    """Physical ids of everything in a stack and in those nested in it, by resource type and logical id."""
    found: dict[tuple[str, str], str] = {}
    stacks = [stack_name]
    while stacks:
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stacks.pop())
        for resource in (summary for page in pages for summary in page["StackResourceSummaries"]):
            kind, physical_id = resource["ResourceType"], resource["PhysicalResourceId"]
            found[kind, resource["LogicalResourceId"]] = physical_id
            if kind == _STACK:
                stacks.append(physical_id)
    return found
