"""The stack with sign-in by Google and another provider, both played here, on an embedded AWS of its own."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest.mock import patch

from e2e.support.bring_up import free_port
from e2e.support.openid_provider import openid_provider
from harness import embedded, frontend
from harness.deploy import deploy_local
from harness.local_files import LocalFiles
from harness.outputs import read_outputs
from harness.package import package
from harness.parameters import parameters_file, read_parameters
from harness.publish import publish
from harness.targets import DEFAULT_STACK, target_named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.support.openid_provider import OpenIdProvider
    from harness.outputs import Outputs
    from harness.targets import Target

SECRET = "parley/provider"  # noqa: S105 - its name


@dataclass(frozen=True, slots=True)
class FederatedStack:
    """What a test needs of it."""

    target: Target
    outputs: Outputs
    provider: OpenIdProvider


@contextmanager
def federated_stack(folder: Path) -> Iterator[FederatedStack]:
    """Bring it up in a folder; nothing runs when this ends."""
    target, files = target_named("embedded", port=free_port()), LocalFiles(folder)
    files.folder.mkdir(parents=True, exist_ok=True)
    with openid_provider() as provider:
        with patch.dict(os.environ, LOCALCLOUD_GOOGLE_ISSUER=provider.issuer):
            process = embedded.start(target.port, files)
        try:
            embedded.wait_until_ready(process, target, files)
            _deploy(target, provider)
            publish(target, DEFAULT_STACK, frontend.build())
            yield FederatedStack(target, read_outputs(target, DEFAULT_STACK), provider)
        finally:
            embedded.stop(process)


def _deploy(target: Target, provider: OpenIdProvider) -> None:
    secrets = target.session().client("secretsmanager", endpoint_url=target.endpoint_url)
    secrets.create_secret(Name=SECRET, SecretString=provider.client_secret)
    chosen = {
        "PasswordLength": "16",
        "Mfa": "optional",
        "ThreatProtection": "audit",
        "SignInDomain": "parley-test",
        "GoogleClientId": provider.client_id,
        "GoogleClientSecret": SECRET,
        "OidcName": "Workplace",
        "OidcIssuer": provider.issuer,
        "OidcClientId": provider.client_id,
        "OidcClientSecret": SECRET,
    }
    parameters = {**read_parameters(parameters_file("dev")), **chosen}
    deploy_local(target, package(target.platform), DEFAULT_STACK, parameters)
