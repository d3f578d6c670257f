"""Change sets: IncludeNestedStacks is not looked at, so none says what changes within nested stacks.

Fault: CreateChangeSet makes one change set of the root, in which a nested stack is one line. Here each nested
stack that is added or modified gets a change set of its own, which its line names, as on AWS.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/change-sets-for-nested-stacks.html
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks
from ministack.services.cloudformation.helpers import _p, _resolve_template

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Record = dict[str, Any]
    Answer = tuple[int, Any, bytes]
    Handler = Callable[[Mapping[str, Any]], Answer]

_ID = re.compile(r"<Id>(.+?)</Id>")
_STACK = "AWS::CloudFormation::Stack"
_LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"
"""What AWS puts for a value that only the execution will bring."""


def _creating(create: Handler) -> Handler:
    def create_change_set(params: Mapping[str, Any]) -> Answer:
        answer = create(params)
        made = _ID.search(answer[2].decode())
        if made and _p(params, "IncludeNestedStacks").lower() == "true":
            root = cloudformation._change_sets[made[1]]  # noqa: SLF001
            root["IncludeNestedStacks"] = True
            _look_into(root, cloudformation._stacks[root["StackName"]], root)  # noqa: SLF001
        return answer

    return create_change_set


def _look_into(change_set: Record, stack: Record, root: Record) -> None:
    """Give every nested stack that a change set touches a change set of its own, at whatever depth."""
    for change in change_set["Changes"]:
        found = change["ResourceChange"]
        if found["ResourceType"] != _STACK or found["Action"] not in {"Add", "Modify"}:
            continue
        properties = _properties(change_set, stack, found["LogicalResourceId"])
        body, refusal = _resolve_template({"TemplateURL": [properties.get("TemplateURL", "")]})
        if refusal is None:
            nested = _nested(change_set, found, body, properties.get("Parameters") or {}, root)
            found["ChangeSetId"] = nested["ChangeSetId"]


def _properties(change_set: Record, stack: Record, logical_id: str) -> Record:
    """A nested stack's properties as far as they are known before anything is done."""
    template, values = change_set["_template"], change_set["_resolved_params"]
    conditions = engine._evaluate_conditions(template, values)  # noqa: SLF001

    def known(value: object) -> Any:  # noqa: ANN401 - a template's value
        try:
            return engine._resolve_refs(  # noqa: SLF001
                copy.deepcopy(value),
                stack.get("_resources", {}),
                values,
                conditions,
                template.get("Mappings", {}),
                stack["StackName"],
                stack["StackId"],
            )
        except Exception:  # noqa: BLE001 - whatever it lacks, it has once the rest is there
            return _LATER

    properties = template["Resources"][logical_id].get("Properties", {})
    parameters = {name: known(value) for name, value in (properties.get("Parameters") or {}).items()}
    return {"TemplateURL": known(properties.get("TemplateURL")), "Parameters": parameters}


def _nested(parent: Record, change: Record, body: str, given: Mapping[str, Any], root: Record) -> Record:
    """The change set of one nested stack; what it changes is looked into in turn."""
    name = provisioners._nested_stack_lookup_name(change.get("PhysicalResourceId", ""))  # noqa: SLF001
    stack = cloudformation._stacks.get(name) or {"StackName": "", "StackId": "", "_resources": {}}  # noqa: SLF001
    template = engine._parse_template(body)  # noqa: SLF001
    values = {
        each: {"Value": str(given.get(each, declared.get("Default", ""))), "NoEcho": False}
        for each, declared in template.get("Parameters", {}).items()
    }
    logical_id = change["LogicalResourceId"]
    set_name = f"{parent['ChangeSetName']}-{logical_id}-{new_uuid()[:8]}"
    arn = f"arn:aws:cloudformation:{get_region()}:{get_account_id()}:changeSet/{set_name}/{new_uuid()}"
    changes = _diff(stack, template, values)
    nested: Record = {
        "ChangeSetId": arn,
        "ChangeSetName": set_name,
        "StackId": stack["StackId"],
        "StackName": stack["StackName"],
        "Status": "CREATE_COMPLETE" if changes else "FAILED",
        "StatusReason": "" if changes else "No updates are to be performed.",
        "ExecutionStatus": "UNAVAILABLE",  # the root's is the one to execute
        "CreationTime": now_iso(),
        "ChangeSetType": "UPDATE" if stack["StackId"] else "CREATE",
        "Changes": changes,
        "ParentChangeSetId": parent["ChangeSetId"],
        "RootChangeSetId": root["ChangeSetId"],
        "IncludeNestedStacks": True,
        "_template": template,
        "_resolved_params": values,
    }
    cloudformation._change_sets[arn] = nested  # noqa: SLF001
    _look_into(nested, stack, root)
    return nested


def _diff(stack: Record, template: Record, values: Record) -> list[Record]:
    resolve = changesets._resolve_props_for_diff  # noqa: SLF001
    old_values = stack.get("_resolved_params", {})
    changes: list[Record] = stacks._diff_resources(  # noqa: SLF001
        resolve(stack.get("_template", {}), old_values, stack["StackName"], stack["StackId"]),
        resolve(template, values, stack["StackName"], stack["StackId"]),
        stack["_resources"],
        template,
        {key for key, value in values.items() if old_values.get(key, {}).get("Value") != value["Value"]},
    )
    return changes


def _describing(describe: Handler) -> Handler:
    def describe_change_set(params: Mapping[str, Any]) -> Answer:
        answer = describe(params)
        _, found = changesets._find_change_set(_p(params, "ChangeSetName"), _p(params, "StackName"))  # noqa: SLF001
        if not found or not found.get("IncludeNestedStacks"):
            return answer
        status, headers, body = answer
        text = body.decode()
        for change in (each["ResourceChange"] for each in found["Changes"]):
            if nested := change.get("ChangeSetId"):
                line = f"<LogicalResourceId>{change['LogicalResourceId']}</LogicalResourceId>"
                text = text.replace(line, f"{line}<ChangeSetId>{nested}</ChangeSetId>")
        more = "".join(
            f"<{name}>{found[name]}</{name}>"
            for name in ("ParentChangeSetId", "RootChangeSetId")
            if name in found
        )
        end = "</DescribeChangeSetResult>"
        told = f"<IncludeNestedStacks>true</IncludeNestedStacks>{more}{end}"
        return status, headers, text.replace(end, told).encode()

    return describe_change_set


def _taking_nested_along(handle: Handler) -> Handler:
    """What ends a root's change set ends those of its nested stacks."""

    def end_change_set(params: Mapping[str, Any]) -> Answer:
        root, _ = changesets._find_change_set(_p(params, "ChangeSetName"), _p(params, "StackName"))  # noqa: SLF001
        answer = handle(params)
        every = cloudformation._change_sets  # noqa: SLF001
        for name in [name for name, each in every.items() if each.get("RootChangeSetId") == root]:
            every.pop(name)
        return answer

    return end_change_set


_HANDLERS = handlers._ACTION_HANDLERS  # noqa: SLF001

FIX = Fix(
    Patch(_HANDLERS, "CreateChangeSet", _creating),
    Patch(_HANDLERS, "DescribeChangeSet", _describing),
    Patch(_HANDLERS, "ExecuteChangeSet", _taking_nested_along),
    Patch(_HANDLERS, "DeleteChangeSet", _taking_nested_along),
)
