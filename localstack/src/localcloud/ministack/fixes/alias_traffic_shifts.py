"""CloudFormation: CodeDeployLambdaAliasUpdate has no effect, all traffic goes to the new version at once.

Fault: MiniStack knows no update policy of AWS::Lambda::Alias. Here the alias of an update goes over by a
deployment of the policy's group, and the update waits for it; what is taken back fails the update. A
rollback sends the traffic back at once, to the version that was: MiniStack would publish another one.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
"""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Any

from ministack.services import cloudformation
from ministack.services.cloudformation import engine, provisioners, stacks

from localcloud.codedeploy.app_spec import Shift
from localcloud.ministack.codedeploy import store
from localcloud.ministack.codedeploy.shifts import LOOK_SECONDS, SHIFTS
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Properties = Mapping[str, Any]
    Provisioned = tuple[str, dict[str, str]]

_ALIAS, _VERSION = "AWS::Lambda::Alias", "AWS::Lambda::Version"
_POLICY = "CodeDeployLambdaAliasUpdate"
_FIXED = ("FunctionName", "Name")


def _shifting(update: Callable[..., Provisioned]) -> Callable[..., Provisioned]:
    def update_alias(
        physical_id: str, old: Properties, new: Properties, stack_name: str, logical_id: str
    ) -> Provisioned:
        versions = old.get("FunctionVersion", "$LATEST"), new.get("FunctionVersion", "$LATEST")
        stays = all(old.get(name) == new.get(name) for name in _FIXED)
        if stays and versions[0] != versions[1] and not _rolls_back(stack_name):
            policy = _update_policy(stack_name, logical_id)
            if policy is not None:
                _shift(policy, Shift(_function(new), new["Name"], *versions))
        return update(physical_id, old, new, stack_name, logical_id)

    return update_alias


def _shift(policy: Properties, shift: Shift) -> None:
    """Have CodeDeploy send the traffic over, and wait; ValueError where it does not."""
    try:
        group = store.group(policy["ApplicationName"], policy["DeploymentGroupName"])
        record = SHIFTS.begin(group, shift, creator="CloudFormation")
    except store.CodeDeployError as refused:
        raise ValueError(f"{refused.code}: {refused}") from refused
    while record["status"] in store.IN_PROGRESS:
        time.sleep(LOOK_SECONDS)
    if record["status"] != "Succeeded":
        why = record["errorInformation"]
        raise ValueError(
            f"Deployment {record['deploymentId']} {record['status'].lower()}: {why['code']}, {why['message']}"
        )


def _update_policy(stack_name: str, logical_id: str) -> Properties | None:
    """The policy that the template of the running update gives the alias; None for none."""
    stack = cloudformation._stacks[stack_name]  # noqa: SLF001
    definition = provisioners._cfn_wait_condition_definition(stack_name, logical_id)  # noqa: SLF001
    policy = (definition.get("UpdatePolicy") or {}).get(_POLICY)
    if policy is None:
        return None
    template = engine._parse_template(stack["_template_body"])  # noqa: SLF001
    given = {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", ())}
    parameters = engine._resolve_parameters(  # noqa: SLF001
        template, [{"Key": name, "Value": value} for name, value in given.items()]
    )
    resolved: Properties = engine._resolve_refs(  # noqa: SLF001
        copy.deepcopy(policy),
        stack.get("_resources", {}),
        parameters,
        engine._evaluate_conditions(template, parameters),  # noqa: SLF001
        template.get("Mappings", {}),
        stack_name,
        stack["StackId"],
    )
    return resolved


def _returning(update: Callable[..., Provisioned]) -> Callable[..., Provisioned]:
    def update_version(
        physical_id: str, old: Properties, new: Properties, stack_name: str, logical_id: str
    ) -> Provisioned:
        if _rolls_back(stack_name):
            former = _former_version(physical_id, new)
            if former:
                return former, {"Version": former.rpartition(":")[2]}
        return update(physical_id, old, new, stack_name, logical_id)

    return update_version


def _former_version(physical_id: str, properties: Properties) -> str:
    """The ARN of the newest version with that description but this; empty where there is none."""
    function, _, arn, _ = provisioners._lambda_function_for_cfn_ref(properties["FunctionName"])  # noqa: SLF001
    versions = function["versions"] if function else {}
    for number in sorted(versions, key=int, reverse=True):
        same = versions[number]["config"].get("Description") == properties.get("Description")
        if same and f"{arn}:{number}" != physical_id:
            return f"{arn}:{number}"
    return ""


def _rolls_back(stack_name: str) -> bool:
    """Whether the stack, or the one that it is nested in, is being taken back."""
    while stack := cloudformation._stacks.get(stack_name):  # noqa: SLF001
        if "ROLLBACK" in stack["StackStatus"]:
            return True
        stack_name = stack.get("_parent_stack_name", "")
    return False


def _function(properties: Properties) -> str:
    name: str = provisioners._lambda_function_for_cfn_ref(properties["FunctionName"])[1]  # noqa: SLF001
    return name


def _waiting(runs_on_worker_thread: Callable[[str], bool]) -> Callable[[str], bool]:
    """An update that waits for a deployment must not hold up the requests that it waits for."""
    return lambda kind: kind == _ALIAS or runs_on_worker_thread(kind)


FIX = Fix(
    Patch(provisioners._RESOURCE_HANDLERS[_ALIAS], "update", _shifting),  # noqa: SLF001
    Patch(provisioners._RESOURCE_HANDLERS[_VERSION], "update", _returning),  # noqa: SLF001
    Patch(stacks, "_runs_on_worker_thread", _waiting),
)
