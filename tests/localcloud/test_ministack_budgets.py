"""Budgets in MiniStack: deployed, changed and deleted with their stack."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.stack.template import read_template

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws, Template

_API = "AWSBudgetServiceGateway."
_ACCOUNT = "000000000000"
_DEADLINE_SECONDS = 60.0
_TEMPLATE = Path(__file__).parents[2] / "stack" / "budget.yaml"


def template(amount: int) -> Template:
    """The stack's own template, with its parameters' defaults."""
    given = {"NamePrefix": "parley-budget", "MonthlyBudget": amount, "AlarmEmail": "operations@example.com"}
    sections = read_template(_TEMPLATE).sections
    for name, value in given.items():
        sections["Parameters"][name]["Default"] = value
    return yaml.safe_load(yaml.safe_dump(sections))


async def budgets(aws: InProcessAws) -> list[dict[str, Any]]:
    """Those of the account."""
    answer = await aws.target("budgets", f"{_API}DescribeBudgets", {"AccountId": _ACCOUNT})
    return list(answer["Budgets"])


async def test_budget_is_deployed_changed_and_deleted_with_its_stack(aws: InProcessAws) -> None:
    """With whom it tells of what."""
    assert await aws.deploy("budgeted", template(50)) == "CREATE_COMPLETE"
    (budget,) = await budgets(aws)
    assert budget["BudgetLimit"] == {"Amount": "50", "Unit": "USD"}
    assert budget["CostFilters"] == {"TagKeyValue": ["user:Application$parley-budget"]}
    asked = {"AccountId": _ACCOUNT, "BudgetName": "parley-budget"}
    told = (await aws.target("budgets", f"{_API}DescribeNotificationsForBudget", asked))["Notifications"]
    assert [(one["NotificationType"], one["Threshold"]) for one in told] == [
        ("ACTUAL", 80),
        ("ACTUAL", 100),
        ("FORECASTED", 100),
    ]
    assert await aws.deploy("budgeted", template(70)) == "UPDATE_COMPLETE"
    (changed,) = await budgets(aws)
    assert changed["BudgetLimit"]["Amount"] == "70"
    await aws.delete("budgeted")
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while await budgets(aws):
        assert time.monotonic() < deadline
        await asyncio.sleep(0)


async def test_budget_unfixed_is_not_deployed(aws: InProcessAws) -> None:
    """MiniStack alone has no such resource."""
    from localcloud.ministack.fixes import budget_resources  # noqa: PLC0415 - after MiniStack is configured

    with budget_resources.FIX.undone():
        assert "Unrecognized resource types" in await aws.deploy("budget-unfixed", template(50))
