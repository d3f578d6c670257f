"""A localcloud for tests: clients, deployments, logs and faults of one that runs as long as a block lasts."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from localcloud import background, stacks, templates
from localcloud.faults.client import FaultsClient
from localcloud.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_REGION = "us-east-1"
_ROOT = "test"
"""The root's access key and its secret: public, because nothing but this machine is served."""
_POLL_SECONDS = 0.05
_CODE_BUCKET = "localcloud-code"


class Localcloud:
    """A running localcloud."""

    def __init__(self, endpoint_url: str) -> None:
        """Talk to the one at ``endpoint_url``."""
        self.endpoint_url = endpoint_url
        """What AWS_ENDPOINT_URL is set to for other programs."""
        self.faults = FaultsClient(endpoint_url)
        """What is to go wrong on purpose."""
        self.session = boto3.Session(_ROOT, _ROOT, region_name=_REGION)
        """The account's root."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """boto3's client of a service, such as ``dynamodb``, as the account's root."""
        create: Any = self.session.client  # its stubs, where there are any, want the service's name spelt out
        return create(service, endpoint_url=self.endpoint_url)

    def deploy(
        self, template: Path, stack_name: str, parameters: Mapping[str, str] | None = None
    ) -> Mapping[str, str]:
        """Bring a stack to a template, making it where there is none; gives its outputs.

        A function's ``Code``, a layer's ``Content`` and a nested stack's ``TemplateURL`` may be local paths,
        as for `aws cloudformation package`.

        Raises:
            DeploymentError: it failed; with CloudFormation's reasons.
            FileNotFoundError: the template, or what it names, is not there.
        """
        body = templates.package(template, self._upload)
        return stacks.deploy(self.client("cloudformation"), stack_name, body, parameters or {})

    def logs(self, function_name: str) -> list[str]:
        """All that a function has logged, Lambda's own lines too; a line takes a moment to get there."""
        pages = self.client("logs").get_paginator("filter_log_events")
        try:
            found = list(pages.paginate(logGroupName=f"/aws/lambda/{function_name}"))
        except ClientError as refused:
            if refused.response["Error"]["Code"] == "ResourceNotFoundException":
                return []  # it has never run
            raise
        return [event["message"].rstrip("\n") for page in found for event in page["events"]]

    def wait_for_log(self, function_name: str, text: str, seconds: float = 5.0) -> str:
        """Wait until a function has logged a line with ``text``, and give the line.

        Raises:
            TimeoutError: it has not within ``seconds``; with the last that it has logged.
        """
        deadline = time.monotonic() + seconds
        while True:
            lines = self.logs(function_name)
            if found := next((line for line in lines if text in line), None):
                return found
            if time.monotonic() > deadline:
                said = "\n".join(lines[-10:]) or "nothing"
                raise TimeoutError(
                    f"{function_name} has not logged {text!r} within {seconds:g} s, but:\n{said}"
                )
            time.sleep(_POLL_SECONDS)

    def close(self) -> None:
        """Close the connections; what runs goes on."""
        self.faults.close()

    @cached_property
    def _code_bucket(self) -> str:
        self.client("s3").create_bucket(Bucket=_CODE_BUCKET)
        return _CODE_BUCKET

    def _upload(self, key: str, content: bytes) -> tuple[str, str]:
        bucket = self._code_bucket
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        return bucket, key


@contextmanager
def running(directory: Path) -> Iterator[Localcloud]:
    """Run a localcloud on a free port for as long as the block lasts; no process is left afterwards.

    Args:
        directory: an empty one, for its data and its log.

    Raises:
        LocalcloudError: it cannot start.
    """
    started = background.start(
        free_port(), directory / "data", directory / "localcloud.log", die_with_us=True
    )
    try:
        localcloud = Localcloud(started.endpoint_url)
        try:
            yield localcloud
        finally:
            localcloud.close()
    finally:
        started.end()
