"""The stack's outputs, and the file that tells them to clients on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit, urlunsplit

import msgspec
from botocore.exceptions import ClientError

from harness.archive import write_changed
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.targets import Target

_EMULATED_API = "/_aws/execute-api/"
_EMULATED_SITE = "/_aws/cloudfront/"


class Outputs(msgspec.Struct, frozen=True, rename="pascal"):
    """What a client needs to know of a deployed stack."""

    web_socket_url: str
    http_api_url: str
    web_url: str
    user_pool_id: str
    user_pool_client_id: str
    region: str
    endpoint: str | None = None
    """Where the AWS API answers; None for AWS's own addresses."""
    sign_in_url: str | None = None
    """Where a sign-in by an identity provider begins; None where there is none."""
    sign_in_client_id: str | None = None
    sign_in_providers: str | None = None
    """Their names, separated by commas."""
    password_length: int = 12
    """Characters that a password has at least."""
    mfa: Literal["disabled", "optional"] = "disabled"
    """Whether users may add a second factor."""


def stack_outputs(target: Target, stack_name: str) -> Mapping[str, str]:
    """A stack's outputs as CloudFormation has them; HarnessError when there is no such stack."""
    cloudformation = target.session().client("cloudformation", endpoint_url=target.endpoint_url)
    try:
        stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    except ClientError as refused:
        raise HarnessError(
            f"There is no stack {stack_name} on the target {target.name}: {refused}"
        ) from refused
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def read_outputs(target: Target, stack_name: str) -> Outputs:
    """A stack's outputs as a client on this machine must use them; HarnessError when one is missing."""
    return localized(stack_outputs(target, stack_name), target.endpoint_url)


def localized(found: Mapping[str, str], endpoint_url: str | None) -> Outputs:
    """A stack's outputs, for an emulator with its addresses as they are reached from this machine.

    Raises:
        HarnessError: an output is missing.
    """
    try:
        outputs = msgspec.convert({**found, "Endpoint": endpoint_url}, Outputs, strict=False)
    except msgspec.ValidationError as fault:
        raise HarnessError(f"The stack is not Parley's: {fault}.") from fault
    if endpoint_url is None:
        return outputs
    return msgspec.structs.replace(
        outputs,
        web_socket_url=_at_endpoint(outputs.web_socket_url, endpoint_url),
        http_api_url=_at_endpoint(outputs.http_api_url, endpoint_url),
        web_url=_at_endpoint(outputs.web_url, endpoint_url),
        # An emulator's user pools sign in where its API answers: no host of theirs leads to this machine.
        sign_in_url=outputs.sign_in_url and endpoint_url,
    )


def write_outputs(path: Path, outputs: Outputs) -> None:
    """Write the outputs for clients on this machine."""
    write_changed(path, msgspec.json.format(msgspec.json.encode(outputs), indent=2) + b"\n")


def load_outputs(path: Path) -> Outputs:
    """Read what write_outputs wrote; HarnessError where nothing is up."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Outputs)
    except FileNotFoundError as missing:
        raise HarnessError("Parley is not up: `nox -s up` brings it up.") from missing


def _at_endpoint(url: str, endpoint_url: str) -> str:
    """Where an emulator answers for an address that it gave.

    Its APIs answer at the endpoint by path, on the port that it has today. Its CloudFront does so too, and by
    host name, which gives a site an origin of its own: browsers resolve every name under localhost to this
    machine.
    """
    address, endpoint = urlsplit(url), urlsplit(endpoint_url)
    if address.path.startswith(_EMULATED_API):
        return urlunsplit(address._replace(netloc=endpoint.netloc))
    if address.path.startswith(_EMULATED_SITE):
        label = address.path.removeprefix(_EMULATED_SITE)
        return f"{endpoint.scheme}://{label}.cloudfront.localhost:{endpoint.port}"
    return url
