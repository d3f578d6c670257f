"""CloudFormation's resources of CodeDeploy: applications and deployment groups.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_CodeDeploy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import provisioners

from localcloud.ministack.codedeploy import api, store

if TYPE_CHECKING:
    from collections.abc import Mapping

    Properties = Mapping[str, Any]
    Provisioned = tuple[str, dict[str, str]]

_NOT_SERVED = ("OnPremisesInstanceTagFilters", "Ec2TagFilters", "ECSServices", "TriggerConfigurations")


def create_application(logical_id: str, properties: Properties, stack_name: str) -> Provisioned:
    """Make an application; CloudFormation names one without a name."""
    name = properties.get("ApplicationName") or _physical_name(stack_name, logical_id)
    api.create_application(
        {"applicationName": name, "computePlatform": properties.get("ComputePlatform", "Server")}
    )
    return name, {}


def update_application(
    name: str, old: Properties, new: Properties, stack_name: str, logical_id: str
) -> Provisioned:
    """Make another where its name or platform changes; else nothing that is kept changes."""
    fixed = ("ApplicationName", "ComputePlatform")
    if any(old.get(each) != new.get(each) for each in fixed):
        return create_application(logical_id, new, stack_name)
    return name, {}


def delete_application(name: str, _properties: Properties) -> None:
    """Delete it."""
    api.delete_application({"applicationName": name})


def create_group(logical_id: str, properties: Properties, stack_name: str) -> Provisioned:
    """Make a deployment group; CloudFormation names one without a name."""
    if unsupported := [each for each in _NOT_SERVED if each in properties]:
        raise ValueError(f"{', '.join(unsupported)} would have no effect here: leave it out.")
    name = properties.get("DeploymentGroupName") or _physical_name(stack_name, logical_id)
    try:
        api.create_deployment_group({**_request(properties), "deploymentGroupName": name})
    except store.CodeDeployError as refused:
        raise ValueError(f"{refused.code}: {refused}") from refused
    return name, {}


def update_group(
    name: str, old: Properties, new: Properties, stack_name: str, logical_id: str
) -> Provisioned:
    """Change it in place; one of another name or application is another one."""
    if any(old.get(each) != new.get(each) for each in ("ApplicationName", "DeploymentGroupName")):
        return create_group(logical_id, new, stack_name)
    try:
        api.update_deployment_group({**_request(new), "currentDeploymentGroupName": name})
    except store.CodeDeployError as refused:
        raise ValueError(f"{refused.code}: {refused}") from refused
    return name, {}


def delete_group(name: str, properties: Properties) -> None:
    """Delete it; with its application it is gone already."""
    api.delete_deployment_group(
        {"applicationName": properties["ApplicationName"], "deploymentGroupName": name}
    )


def _physical_name(stack_name: str, logical_id: str) -> str:
    name: str = provisioners._physical_name(stack_name, logical_id, max_len=100)  # noqa: SLF001
    return name


def _request(properties: Properties) -> dict[str, Any]:
    """The template's properties in the API's spelling."""
    left_out = {"DeploymentGroupName", "Tags"}
    spelt: dict[str, Any] = _spelt({name: each for name, each in properties.items() if name not in left_out})
    return spelt


def _spelt(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    if isinstance(value, list):
        return [_spelt(each) for each in value]
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: _spelt(inner) for name, inner in value.items()}
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
