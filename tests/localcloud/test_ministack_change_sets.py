"""Change sets and deletions of nested stacks: mended here, still at fault upstream.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from tests.localcloud.small_templates import table

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

    from tests.localcloud.in_process_aws import InProcessAws, Template

QUEUE = "AWS::SQS::Queue"
STACK = "AWS::CloudFormation::Stack"


def queue(name: str, **attributes: str) -> Template:
    """A queue."""
    return {"Type": QUEUE, "Properties": {"QueueName": name}, **attributes}


async def parent_of(aws: InProcessAws, child: Template, **parameters: str) -> Template:
    """A template with one nested stack."""
    url = await aws.upload(child)
    properties = {"TemplateURL": url, "Parameters": parameters}
    return {"Resources": {"Child": {"Type": STACK, "Properties": properties}}}


async def change_set(aws: InProcessAws, stack: str, template: Template, name: str = "look") -> ET.Element:
    """Make a change set with a look into nested stacks; its description."""
    made = await aws.cloudformation(
        "CreateChangeSet",
        {
            "StackName": stack,
            "ChangeSetName": name,
            "TemplateBody": json.dumps(template),
            "IncludeNestedStacks": "true",
        },
    )
    return await described(aws, made.findtext(".//Id") or made.findtext(".//Message") or "")


async def described(aws: InProcessAws, identifier: str) -> ET.Element:
    """A change set's description."""
    return await aws.cloudformation("DescribeChangeSet", {"ChangeSetName": identifier})


def changes(description: ET.Element) -> dict[str, str]:
    """What a change set does to each resource, by logical id."""
    return {
        str(change.findtext("LogicalResourceId")): str(change.findtext("Action"))
        for change in description.iter("ResourceChange")
    }


async def deploy_child(aws: InProcessAws, stack: str) -> Template:
    """Deploy a nested stack of one queue; a template in which it gets another, and one by a parameter."""
    child = {"Resources": {"One": queue(f"{stack}-one")}}
    assert await aws.deploy(stack, await parent_of(aws, child)) == "CREATE_COMPLETE"
    more = {
        "Parameters": {"Name": {"Type": "String"}},
        "Resources": {**child["Resources"], "Two": queue(f"{stack}-two")},
    }
    return await parent_of(aws, more, Name="value")


async def test_change_set_looks_into_nested_stacks_where_it_is_asked_to(aws: InProcessAws) -> None:
    """The nested stack's line names a change set of its own, which tells what changes within."""
    update = await deploy_child(aws, "nested-look")
    root = await change_set(aws, "nested-look", update)
    assert changes(root) == {"Child": "Modify"}
    nested = await described(aws, root.findtext(".//ResourceChange/ChangeSetId") or "")
    assert changes(nested) == {"Two": "Add"}
    assert nested.findtext(".//RootChangeSetId") == root.findtext(".//DescribeChangeSetResult/ChangeSetId")
    assert nested.findtext(".//ExecutionStatus") == "UNAVAILABLE"


async def test_change_sets_of_nested_stacks_go_with_the_roots(aws: InProcessAws) -> None:
    """What is deleted is not found any more."""
    update = await deploy_child(aws, "nested-gone")
    root = await change_set(aws, "nested-gone", update)
    nested = root.findtext(".//ResourceChange/ChangeSetId") or ""
    identifier = root.findtext(".//DescribeChangeSetResult/ChangeSetId") or ""
    await aws.cloudformation("DeleteChangeSet", {"ChangeSetName": identifier})
    assert (await described(aws, nested)).findtext(".//Code") == "ChangeSetNotFound"


async def test_change_set_unfixed_does_not_look_into_nested_stacks(aws: InProcessAws) -> None:
    """MiniStack alone says that the nested stack changes and no more."""
    from localcloud.ministack.fixes import nested_change_sets  # noqa: PLC0415 - after MiniStack is configured

    update = await deploy_child(aws, "nested-blind")
    with nested_change_sets.FIX.undone():
        root = await change_set(aws, "nested-blind", update)
        assert root.findtext(".//ResourceChange/ChangeSetId") is None


async def conditional(aws: InProcessAws, stack: str) -> dict[str, str]:
    """Deploy a queue, then look at what another with a condition that is false would change."""
    assert await aws.deploy(stack, {"Resources": {"One": queue(f"{stack}-one")}}) == "CREATE_COMPLETE"
    template = {
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"One": queue(f"{stack}-1"), "Two": queue(f"{stack}-two", Condition="Never")},
    }
    return changes(await change_set(aws, stack, template))


async def test_change_set_leaves_out_what_a_condition_leaves_out(aws: InProcessAws) -> None:
    """A resource that will not be made is no change."""
    assert await conditional(aws, "conditional") == {"One": "Modify"}


async def test_change_set_unfixed_adds_what_a_condition_leaves_out(aws: InProcessAws) -> None:
    """MiniStack alone tells it as added."""
    from localcloud.ministack.fixes import change_set_conditions  # noqa: PLC0415

    with change_set_conditions.FIX.undone():
        assert await conditional(aws, "conditional-blind") == {"One": "Modify", "Two": "Add"}


async def status_after_deletion(aws: InProcessAws, stack: str) -> str:
    """Delete a stack, and give how it ended: it begins in the background."""
    await aws.cloudformation("DeleteStack", {"StackName": stack})
    async with asyncio.timeout(60):
        while True:
            found = await aws.cloudformation("DescribeStacks", {"StackName": stack})
            status = found.findtext(".//StackStatus") or "DELETE_COMPLETE"
            if status in {"DELETE_COMPLETE", "DELETE_FAILED"}:
                return status
            await asyncio.sleep(0)


async def tables_left(aws: InProcessAws, stack: str) -> set[str]:
    """Deploy two tables in a nested stack, one of them to be kept, and delete it all; the tables left."""
    kept, gone = table(f"{stack}-kept"), table(f"{stack}-gone")
    child = {"Resources": {"Kept": {**kept, "DeletionPolicy": "Retain"}, "Gone": gone}}
    assert await aws.deploy(stack, await parent_of(aws, child)) == "CREATE_COMPLETE"
    assert await status_after_deletion(aws, stack) == "DELETE_COMPLETE"
    names = await aws.target("dynamodb", "DynamoDB_20120810.ListTables", {})
    return {name for name in names["TableNames"] if name.startswith(stack)}


async def test_nested_stack_that_is_deleted_keeps_what_it_is_told_to(aws: InProcessAws) -> None:
    """DeletionPolicy holds in nested stacks, too."""
    assert await tables_left(aws, "nested-retain") == {"nested-retain-kept"}


async def test_nested_stack_unfixed_deletes_what_it_is_told_to_keep(aws: InProcessAws) -> None:
    """MiniStack alone deletes both."""
    from localcloud.ministack.fixes import nested_stack_deletion  # noqa: PLC0415

    with nested_stack_deletion.FIX.undone():
        assert await tables_left(aws, "nested-unretained") == set()


async def test_nested_stack_that_cannot_be_deleted_whole_says_so(aws: InProcessAws) -> None:
    """A repository with an image in it stays, and its stack with it."""
    repository = {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": "nested-full"}}
    template = await parent_of(aws, {"Resources": {"Repository": repository}})
    assert await aws.deploy("nested-full", template) == "CREATE_COMPLETE"
    image = {"repositoryName": "nested-full", "imageManifest": "{}", "imageTag": "one"}
    await aws.target("ecr", "AmazonEC2ContainerRegistry_V20150921.PutImage", image)
    assert await status_after_deletion(aws, "nested-full") == "DELETE_FAILED"


async def test_processed_template_has_the_policy_that_a_condition_chose(aws: InProcessAws) -> None:
    """AWS::LanguageExtensions has decided it, so GetTemplate gives the decision."""
    chosen = {"DeletionPolicy": {"Fn::If": ["Always", "Retain", "Delete"]}}
    child = {
        "Transform": "AWS::LanguageExtensions",
        "Conditions": {"Always": {"Fn::Equals": ["a", "a"]}},
        "Resources": {"Kept": {**queue("processed-kept"), **chosen}},
    }
    assert await aws.deploy("processed", await parent_of(aws, child)) == "CREATE_COMPLETE"
    resources = await aws.cloudformation("ListStackResources", {"StackName": "processed"})
    nested = resources.findtext(".//PhysicalResourceId") or ""
    text = (await aws.cloudformation("GetTemplate", {"StackName": nested})).findtext(".//TemplateBody")
    assert json.loads(text or "")["Resources"]["Kept"]["DeletionPolicy"] == "Retain"
