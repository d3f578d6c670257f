"""The AWS account that the stack is deployed in, for whoever operates it: its APIs and its command line."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import paths
from harness.outputs import stack_outputs
from harness.resources import resources

if TYPE_CHECKING:
    from collections.abc import Mapping

    import boto3
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cognito_idp import CognitoIdentityProviderClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef
    from types_boto3_iam import IAMClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_sqs import SQSClient

    from harness.outputs import Outputs
    from harness.targets import Target


@dataclass(frozen=True)
class Account:
    """An operator's access to the account: all of its APIs, and the stack's own resources by name."""

    target: Target
    stack_name: str
    outputs: Outputs
    """What any client knows of the stack."""

    @cached_property
    def _session(self) -> boto3.Session:
        return self.target.session()

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """CloudFormation's API."""
        return self._session.client("cloudformation", endpoint_url=self.target.endpoint_url)

    @cached_property
    def cognito(self) -> CognitoIdentityProviderClient:
        """Cognito's user pools' API."""
        return self._session.client("cognito-idp", endpoint_url=self.target.endpoint_url)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """DynamoDB's API."""
        return self._session.client("dynamodb", endpoint_url=self.target.endpoint_url)

    @cached_property
    def functions(self) -> LambdaClient:
        """Lambda's API."""
        return self._session.client("lambda", endpoint_url=self.target.endpoint_url)

    @cached_property
    def iam(self) -> IAMClient:
        """IAM's API."""
        return self._session.client("iam", endpoint_url=self.target.endpoint_url)

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        """CloudWatch Logs' API."""
        return self._session.client("logs", endpoint_url=self.target.endpoint_url)

    @cached_property
    def queues(self) -> SQSClient:
        """SQS's API."""
        return self._session.client("sqs", endpoint_url=self.target.endpoint_url)

    @cached_property
    def secrets(self) -> Any:  # its types are not installed
        """Secrets Manager's API."""
        return self._session.client("secretsmanager", endpoint_url=self.target.endpoint_url)

    @cached_property
    def stack_outputs(self) -> Mapping[str, str]:
        """The root stack's outputs as CloudFormation has them, for AWS and not for this machine."""
        return stack_outputs(self.target, self.stack_name)

    @cached_property
    def resources(self) -> Mapping[tuple[str, str], str]:
        """Physical ids of everything in the stack and its nested stacks, by resource type and logical id."""
        return resources(self.cloudformation, self.stack_name)

    def table(self, logical_id: str) -> str:
        """Give the name of the table that the templates call by this logical id."""
        return self.resources["AWS::DynamoDB::GlobalTable", logical_id]

    async def connections(self, user_id: str) -> dict[str, AttributeValueTypeDef]:
        """Give a user's entries of the Connections table, as DynamoDB writes them, by connection id."""
        item = self.dynamodb.get_item(
            TableName=self.table("Connections"), Key={"userId": {"S": user_id}}, ConsistentRead=True
        ).get("Item", {})
        return {name: value for name, value in item.items() if "M" in value}

    def of_type(self, resource_type: str) -> Mapping[str, str]:
        """Give the physical ids of all the stack's resources of a type, by logical id."""
        return {name: physical for (kind, name), physical in self.resources.items() if kind == resource_type}

    def run(self, *command: str, directory: Path = paths.ROOT) -> subprocess.CompletedProcess[str]:
        """Run a command line as an operator would in a shell of the checkout; give its status and output."""
        environment = self.target.environment()
        scripts = Path(sys.executable).parent  # where the command lines are that the checkout pins
        return subprocess.run(
            command,
            env={**environment, "PATH": f"{scripts}{os.pathsep}{environment['PATH']}"},
            cwd=directory,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    def ask(self, *command: str) -> str:
        """Run a command line that must succeed; give what it printed."""
        done = self.run(*command)
        assert done.returncode == 0, done.stderr
        return done.stdout
