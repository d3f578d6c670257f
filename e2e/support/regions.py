"""The stack in two regions of one embedded AWS, as an operator deploys, moves and loses them."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from e2e.support.bring_up import free_port
from harness import change_sets, embedded
from harness.deploy import ARTIFACTS_BUCKET, package_locally
from harness.local_files import LocalFiles
from harness.outputs import Outputs, localized, stack_outputs
from harness.package import package
from harness.parameters import parameters_file, read_parameters
from harness.targets import target_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_dynamodb import DynamoDBClient

    from harness.package import Bundle
    from harness.targets import Target

HOME, OTHER = "us-east-1", "eu-west-1"
STACKS = {HOME: "parley", OTHER: "parley-eu"}
DOMAIN = "regions.parley.example"


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
    def _outputs(self) -> Mapping[str, str]:
        return stack_outputs(self.target, STACKS[self.region])

    @cached_property
    def outputs(self) -> Outputs:
        """What clients know of it who want this region and no other."""
        own = {name: self._outputs[f"Regional{name}"] for name in ("WebSocketUrl", "HttpApiUrl")}
        return localized({**self._outputs, **own}, self.target.endpoint_url)

    @cached_property
    def shared(self) -> Outputs:
        """What clients know who use the domain, at the port where it is played."""
        port = urlsplit(self.target.endpoint_url or "").port
        return msgspec.structs.replace(
            self.outputs,
            web_socket_url=f"ws://ws.{DOMAIN}:{port}{urlsplit(self._outputs['WebSocketUrl']).path}",
            http_api_url=f"http://api.{DOMAIN}:{port}{urlsplit(self._outputs['HttpApiUrl']).path}",
        )

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """This region's replicas."""
        return self.target.session().client("dynamodb", endpoint_url=self.target.endpoint_url)

    @property
    def connections(self) -> str:
        """The ARN of its WebSocket API's connections, which the other region's stack is told."""
        return self._outputs["Connections"]

    @property
    def files(self) -> str:
        """Where its files are, which the other region's stack is told."""
        return self._outputs["Files"]

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
        self._control("PUT", f"outages/{region}")

    def regain(self, region: str) -> None:
        """Let it be reached again."""
        self._control("DELETE", f"outages/{region}")

    def be_near(self, region: str) -> None:
        """Have whoever looks the domain's names up from now on be near a region."""
        self._control("PUT", f"nearest/{region}")

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

    def _control(self, method: str, path: str) -> None:
        url = f"{self.home.target.endpoint_url}/_localcloud/{path}"
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

    They share a domain, whose names this process finds where the embedded AWS answers. The environment's
    LOCALCLOUD_OTHER_REGIONS has the second one be served.
    """
    target, files = target_named("embedded", port=free_port()), LocalFiles(folder)
    bundle = package(target.platform)
    process = embedded.start(target.port, files)
    try:
        embedded.wait_until_ready(process, target, files)
        domain = {"DomainName": DOMAIN, "HostedZoneId": _zone(target)}
        home = _packaged(target, bundle)
        home.deploy(ReplicaRegions=OTHER, **domain)
        other = _packaged(replace(target, region=OTHER), bundle)
        other.deploy(
            HomeRegion=HOME,
            ExistingTables=STACKS[HOME],
            ExistingUserPool=f"{home.outputs.user_pool_id}/{home.outputs.user_pool_client_id}",
            PeerConnections=home.connections,
            PeerFiles=home.files,
            **domain,
        )
        home.deploy(PeerConnections=other.connections, PeerFiles=other.files)
        with _domain_here():
            yield TwoRegions(home, other)
    finally:
        embedded.stop(process)


def _packaged(target: Target, bundle: Bundle) -> RegionalStack:
    url = package_locally(target, bundle, f"{ARTIFACTS_BUCKET}-{target.region}")
    # Alarms and a dashboard are each region's own, and have tests of their own.
    return RegionalStack(target, url, {**read_parameters(parameters_file("dev")), "Monitoring": "disabled"})


def _zone(target: Target) -> str:
    """Make the domain's zone; give its id."""
    route53: Any = target.session().client("route53", endpoint_url=target.endpoint_url)
    made = route53.create_hosted_zone(Name=DOMAIN, CallerReference=DOMAIN)
    return made["HostedZone"]["Id"].removeprefix("/hostedzone/")


@contextmanager
def _domain_here() -> Iterator[None]:
    """Have this process find the domain's names on this machine, as a line in /etc/hosts would."""
    look_up = socket.getaddrinfo

    def look_up_here(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return look_up("127.0.0.1" if name and name.endswith(DOMAIN) else host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as machine:
        machine.setattr(socket, "getaddrinfo", look_up_here)
        machine.setenv("NO_PROXY", DOMAIN)
        yield
