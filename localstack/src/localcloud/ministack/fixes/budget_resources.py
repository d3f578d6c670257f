"""CloudFormation: AWS::Budgets::Budget cannot be deployed.

Fault: MiniStack has the API of budgets and no provisioner, so a stack with one is rolled back.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-budgets-budget.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import new_uuid
from ministack.services import budgets
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Mapping

    Properties = Mapping[str, Any]
    Provisioned = tuple[str, dict[str, str]]


def _create(logical_id: str, properties: Properties, stack_name: str) -> Provisioned:
    """Make the budget; CloudFormation names one without a name after its stack."""
    name = properties["Budget"].get("BudgetName") or f"{stack_name}-{logical_id}-{new_uuid()[:12]}"
    _ask(budgets._create_budget(_request(name, properties)))  # noqa: SLF001
    return name, {}


def _update(name: str, old: Properties, new: Properties, stack_name: str, logical_id: str) -> Provisioned:
    """Make it anew under its name; under another name it is another, and CloudFormation removes this one."""
    if new["Budget"].get("BudgetName", name) != name:
        return _create(logical_id, new, stack_name)
    _delete(name, old)
    _ask(budgets._create_budget(_request(name, new)))  # noqa: SLF001
    return name, {}


def _delete(name: str, _properties: Properties) -> None:
    budgets._delete_budget({"BudgetName": name})  # noqa: SLF001


def _request(name: str, properties: Properties) -> dict[str, Any]:
    """Write the template's properties as the API wants them: amounts are strings there."""
    budget = {**properties["Budget"], "BudgetName": name}
    if "BudgetLimit" in budget:
        limit = budget["BudgetLimit"]
        budget["BudgetLimit"] = {**limit, "Amount": str(limit["Amount"])}
    told = [
        {
            **entry,
            "Notification": {**entry["Notification"], "Threshold": float(entry["Notification"]["Threshold"])},
        }
        for entry in properties.get("NotificationsWithSubscribers", [])
    ]
    return {"Budget": budget, "NotificationsWithSubscribers": told}


def _ask(answer: tuple[int, Mapping[str, str], bytes]) -> None:
    status, _, body = answer
    if status >= 400:  # noqa: PLR2004 - HTTP's classes of status
        raise ValueError(json.loads(body)["message"])


FIX = Fix(
    Patch(
        provisioners._RESOURCE_HANDLERS,  # noqa: SLF001
        "AWS::Budgets::Budget",
        lambda _: {"create": _create, "update": _update, "update_with_logical_id": True, "delete": _delete},
    ),
)
