"""Where a stack can run: the embedded AWS, LocalStack's image, AWS, or what answers as they do."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import boto3

from harness import dependencies
from harness.errors import HarnessError

if TYPE_CHECKING:
    from harness.dependencies import Platform

DEFAULT_PORT: Final = 4566
DEFAULT_REGION: Final = "us-east-1"
DEFAULT_STACK: Final = "parley"
NAMES: Final = ("embedded", "localstack", "aws")

_LOCAL_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
_NOT_FOR_LOCAL = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
"""Of the user's own account: no local target may see it."""


@dataclass(frozen=True, slots=True)
class Target:
    """An AWS to deploy to and how to reach it."""

    name: str
    platform: Platform
    """What runs the functions there."""
    region: str = DEFAULT_REGION
    endpoint_url: str | None = None
    """Where every service answers; None where each has AWS's own address."""

    @property
    def is_local(self) -> bool:
        """Whether it is an emulator: its data are ours to make and to throw away."""
        return self.endpoint_url is not None

    @property
    def port(self) -> int:
        """The endpoint's port; HarnessError on AWS, which has none."""
        if self.endpoint_url is None:
            raise HarnessError("AWS has no local port.")
        address = urlsplit(self.endpoint_url)
        return address.port or (443 if address.scheme == "https" else 80)

    def session(self) -> boto3.Session:
        """Make a session with this target's credentials; give each client ``endpoint_url`` as well."""
        if not self.is_local:
            return boto3.Session(region_name=self.region)
        return _local_session(self.region)

    def environment(self) -> dict[str, str]:
        """The variables by which the AWS command line, or any SDK, reaches this target."""
        variables = {
            **os.environ,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_PAGER": "",
        }
        if self.endpoint_url is None:
            return variables
        kept = {name: value for name, value in variables.items() if name not in _NOT_FOR_LOCAL}
        return {**kept, **_LOCAL_CREDENTIALS, "AWS_ENDPOINT_URL": self.endpoint_url}


@cache
def _local_session(region: str) -> boto3.Session:
    """Make a session once: a service's model takes a tenth of a second to read, and a session keeps it.

    Its first client is made here: from then on a session may make clients on any thread.
    """
    session = boto3.Session(
        aws_access_key_id=_LOCAL_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=_LOCAL_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=region,
    )
    session.client("cloudformation")
    return session


def target_named(name: str, *, endpoint_url: str | None = None, port: int = DEFAULT_PORT) -> Target:
    """Give the target of a name.

    Args:
        name: one of NAMES.
        endpoint_url: another address that answers as this target does.
        port: of a local target, where no address is given.

    Raises:
        HarnessError: there is no such target.
    """
    local = endpoint_url or f"http://127.0.0.1:{port}"
    match name:
        case "embedded":
            return Target(name, dependencies.HOST, endpoint_url=local)
        case "localstack":
            return Target(name, dependencies.LOCALSTACK, endpoint_url=local)
        case "aws":
            region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
            return Target(name, dependencies.AWS, region=region, endpoint_url=endpoint_url)
        case _:
            raise HarnessError(f"There is no target {name!r}: choose one of {', '.join(NAMES)}.")
