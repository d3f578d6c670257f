"""The stack in two regions of one embedded AWS, as an operator deploys, moves and loses them."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import httpx

from e2e.support.bring_up import free_port
from harness import change_sets, embedded
from harness.deploy import ARTIFACTS_BUCKET, package_locally
from harness.local_files import LocalFiles
from harness.outputs import Outputs, read_outputs
from harness.package import package
from harness.parameters import parameters_file, read_parameters
from harness.targets import target_named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_dynamodb import DynamoDBClient

    from harness.package import Bundle
    from harness.targets import Target

HOME, OTHER = "us-east-1", "eu-west-1"
STACKS = {HOME: "parley", OTHER: "parley-eu"}
_ACCOUNT = "000000000000"


@dataclass(frozen=True)
class RegionalStack:
    """The stack of one region."""

    target: Target
    template_url: str
    """Packaged in this region, so that it can be deployed when another is gone."""
    parameters: dict[str, str]

    @property
    def region(self) -> str:
        """The region."""
        return self.target.region

    @cached_property
    def outputs(self) -> Outputs:
        """What clients know of it."""
        return read_outputs(self.target, STACKS[self.region])

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """This region's replicas."""
        return self.target.session().client("dynamodb", endpoint_url=self.target.endpoint_url)

    @property
    def connections(self) -> str:
        """The ARN of its WebSocket API's connections, which the other region's stack is told."""
        api_id, stage = self.outputs.web_socket_url.rsplit("/", 2)[1:]
        return f"arn:aws:execute-api:{self.region}:{_ACCOUNT}:{api_id}/{stage}/*/@connections/*"

    def deploy(self, **parameters: str) -> None:
        """Deploy it, with other values of some parameters than before."""
        self.parameters.update(parameters)
        cloudformation: CloudFormationClient = self.target.session().client(
            "cloudformation", endpoint_url=self.target.endpoint_url
        )
        change_sets.apply(cloudformation, STACKS[self.region], self.template_url, self.parameters)


@dataclass(frozen=True)
class TwoRegions:
    """Both of them."""

    home: RegionalStack
    other: RegionalStack

    def lose(self, region: str) -> None:
        """Put a region out of reach, its connections cut."""
        self._outages("PUT", region)

    def regain(self, region: str) -> None:
        """Let it be reached again."""
        self._outages("DELETE", region)

    def fence(self, region: str) -> None:
        """Have no function of any stack reach the tables of a region, by IAM, which is no region's."""
        iam = self.home.target.session().client("iam", endpoint_url=self.home.target.endpoint_url)
        for page in iam.get_paginator("list_roles").paginate():
            for role in page["Roles"]:
                if role["RoleName"].startswith(STACKS[HOME]):
                    iam.put_role_policy(
                        RoleName=role["RoleName"],
                        PolicyName="fence",
                        PolicyDocument=json.dumps(_fence(region)),
                    )

    def _outages(self, method: str, region: str) -> None:
        url = f"{self.home.target.endpoint_url}/_localcloud/outages/{region}"
        httpx.request(method, url, trust_env=False).raise_for_status()


def _fence(region: str) -> dict[str, object]:
    """The policy of docs/operations.md."""
    denied = {
        "Effect": "Deny",
        "Action": "dynamodb:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": region}},
    }
    return {"Version": "2012-10-17", "Statement": [denied]}


@contextmanager
def two_regions(folder: Path) -> Iterator[TwoRegions]:
    """Deploy the stack to two regions in a folder, as docs/operations.md says it; nothing is left at the end.

    The environment's LOCALCLOUD_OTHER_REGIONS has the second one be served.
    """
    target, files = target_named("embedded", port=free_port()), LocalFiles(folder)
    bundle = package(target.platform)
    process = embedded.start(target.port, files)
    try:
        embedded.wait_until_ready(process, target, files)
        home = _packaged(target, bundle)
        home.deploy(ReplicaRegions=OTHER)
        other = _packaged(replace(target, region=OTHER), bundle)
        other.deploy(
            HomeRegion=HOME,
            ExistingTables=STACKS[HOME],
            ExistingUserPool=f"{home.outputs.user_pool_id}/{home.outputs.user_pool_client_id}",
            PeerConnections=home.connections,
        )
        home.deploy(PeerConnections=other.connections)
        yield TwoRegions(home, other)
    finally:
        embedded.stop(process)


def _packaged(target: Target, bundle: Bundle) -> RegionalStack:
    url = package_locally(target, bundle, f"{ARTIFACTS_BUCKET}-{target.region}")
    return RegionalStack(target, url, dict(read_parameters(parameters_file("dev"))))
