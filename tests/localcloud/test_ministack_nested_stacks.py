"""Nested stacks in MiniStack: updated, and gone when they fail.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.localcloud.small_templates import stack_of, table

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws, Template

QUEUE = "AWS::SQS::Queue"


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
