"""Stacks beside the one under test: parts of it deployed once more, with other parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from e2e.support.deadlines import PATIENCE
from harness import paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_cloudformation.type_defs import StackTypeDef

    from e2e.support.account import Account


@dataclass(frozen=True)
class PartialStack:
    """A nested template of the stack, deployed by itself."""

    account: Account
    name: str
    template: str
    """Name of its file, such as ``web.yaml``."""

    def put(self, values: Mapping[str, str]) -> dict[str, str]:
        """Create or update it; its outputs."""
        cloudformation = self.account.cloudformation
        standing = {each["StackName"] for each in cloudformation.describe_stacks()["Stacks"]}
        verb = "update" if self.name in standing else "create"
        getattr(cloudformation, f"{verb}_stack")(
            StackName=self.name,
            TemplateBody=(paths.ROOT / "stack" / self.template).read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        self._wait(verb)
        return self.outputs

    def delete(self) -> None:
        """Delete it."""
        self.account.cloudformation.delete_stack(StackName=self.name)
        self._wait("delete")

    @property
    def outputs(self) -> dict[str, str]:
        """What it says of itself."""
        return {
            each["OutputKey"]: each["OutputValue"] for each in described(self.account, self.name)["Outputs"]
        }

    def _wait(self, verb: str) -> None:
        waiter = self.account.cloudformation.get_waiter(f"stack_{verb}_complete")  # type: ignore[call-overload]
        waiter.wait(StackName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": int(PATIENCE)})


def described(account: Account, name: str) -> StackTypeDef:
    """What CloudFormation says of a stack, by its name or id."""
    (stack,) = account.cloudformation.describe_stacks(StackName=name)["Stacks"]
    return stack
