"""What the stack's functions are permitted, permission by permission, and each one withheld for a while."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from types_boto3_iam import IAMClient
    from types_boto3_lambda import LambdaClient

    from e2e.support.account import Account


class Grant(Protocol):
    """One permission."""

    def withheld(self) -> AbstractContextManager[None]:
        """Take it away for as long as the block lasts."""


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role may do one action on one resource, by an inline policy."""

    iam: IAMClient
    role: str
    policy: str
    action: str
    resource: str

    def __str__(self) -> str:
        """Name it in a line."""
        return f"{self.role}: {self.action} on {self.resource}"

    @contextmanager
    def withheld(self) -> Iterator[None]:
        """Take it away for as long as the block lasts."""
        whole = _document(self.iam, self.role, self.policy)
        statements = [kept for each in _listed(whole["Statement"]) for kept in self._without(each)]
        self._put({**whole, "Statement": statements})
        try:
            yield
        finally:
            self._put(whole)

    def _put(self, document: dict[str, Any]) -> None:
        self.iam.put_role_policy(
            RoleName=self.role, PolicyName=self.policy, PolicyDocument=json.dumps(document)
        )

    def _without(self, statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Give what a statement allows but for this: its other actions, and this one on other resources."""
        actions, resources = _listed(statement["Action"]), _listed(statement["Resource"])
        if self.action not in actions or self.resource not in resources:
            yield statement
            return
        if others := [action for action in actions if action != self.action]:
            yield {**statement, "Action": others}
        if elsewhere := [resource for resource in resources if resource != self.resource]:
            yield {**statement, "Sid": "Elsewhere", "Action": self.action, "Resource": elsewhere}


@dataclass(frozen=True, slots=True)
class InvokeGrant:
    """A service may invoke a function, by a statement of the function's own policy."""

    functions: LambdaClient
    function: str
    statement: dict[str, Any]

    def __str__(self) -> str:
        """Name it in a line."""
        source = self.statement["Condition"]["ArnLike"]["AWS:SourceArn"]
        return f"{self.function}: {self.statement['Action']} by {source}"

    @contextmanager
    def withheld(self) -> Iterator[None]:
        """Take it away for as long as the block lasts."""
        statement = self.statement
        self.functions.remove_permission(FunctionName=self.function, StatementId=statement["Sid"])
        try:
            yield
        finally:
            self.functions.add_permission(
                FunctionName=self.function,
                StatementId=statement["Sid"],
                Action=statement["Action"],
                Principal=statement["Principal"]["Service"],
                SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
            )


def grants(account: Account, function: str) -> list[Grant]:
    """Give all that a function, named by its logical id, may do, and that others may do with it."""
    return [*role_grants(account, function), *invoke_grants(account, function)]


def role_grants(account: Account, function: str) -> Iterator[RoleGrant]:
    """Give all that the role of a function, named by its logical id, is allowed, as IAM has it now."""
    name = account.of_type("AWS::Lambda::Function")[function]
    configuration = account.functions.get_function_configuration(FunctionName=name)
    role = configuration["Role"].rpartition("/")[2]
    attached = account.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert attached == [], f"{role} has managed policies, whose permissions cannot be withheld one by one"
    for policy in account.iam.list_role_policies(RoleName=role)["PolicyNames"]:
        for statement in _listed(_document(account.iam, role, policy)["Statement"]):
            for action in _listed(statement["Action"]):
                for resource in _listed(statement["Resource"]):
                    yield RoleGrant(account.iam, role, policy, action, resource)


def invoke_grants(account: Account, function: str) -> Iterator[InvokeGrant]:
    """Give who may invoke a function, named by its logical id, as Lambda has it now."""
    name = account.of_type("AWS::Lambda::Function")[function]
    try:
        policy = json.loads(account.functions.get_policy(FunctionName=name)["Policy"])
    except account.functions.exceptions.ResourceNotFoundException:
        return  # only who may by a policy of their own, as CloudFormation does for who deploys
    for statement in policy["Statement"]:
        yield InvokeGrant(account.functions, name, statement)


def _document(iam: IAMClient, role: str, policy: str) -> dict[str, Any]:
    """Read an inline policy; boto3 gives it parsed."""
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    return dict(document) if isinstance(document, dict) else dict(json.loads(document))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
