"""What a stack and the stacks nested in it consist of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef

FUNCTION = "AWS::Lambda::Function"
STACK = "AWS::CloudFormation::Stack"


def resources(cloudformation: CloudFormationClient, stack_name: str) -> Mapping[tuple[str, str], str]:
    """Physical ids of everything in a stack and in those nested in it, by resource type and logical id."""
    return {
        (resource["ResourceType"], resource["LogicalResourceId"]): resource["PhysicalResourceId"]
        for stack in nested_stacks(cloudformation, stack_name).values()
        for resource in resources_of(cloudformation, stack)
    }


def nested_stacks(cloudformation: CloudFormationClient, stack_name: str) -> Mapping[str, str]:
    """A stack and those nested in it at whatever depth, each before its own.

    Returns:
        Their names or ids by the logical ids that lead to them: "" is the root's, "Data/" a nested one's.
    """
    found: dict[str, str] = {}
    waiting = [("", stack_name)]
    while waiting:
        path, stack = waiting.pop()
        found[path] = stack
        waiting += [
            (f"{path}{resource['LogicalResourceId']}/", resource["PhysicalResourceId"])
            for resource in resources_of(cloudformation, stack)
            if resource["ResourceType"] == STACK
        ]
    return found


def resources_of(cloudformation: CloudFormationClient, stack: str) -> Iterator[StackResourceSummaryTypeDef]:
    """The resources of one stack, without those of stacks nested in it; those that are gone left out."""
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            if resource["ResourceStatus"] != "DELETE_COMPLETE" and resource.get("PhysicalResourceId"):
                yield resource
