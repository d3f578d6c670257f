"""The README's deployment, `aws cloudformation package` and `deploy`, and what a change brings."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from e2e.support.bring_up import free_port
from e2e.support.people import People
from harness import commands, dependencies, embedded, paths
from harness.local_files import LocalFiles
from harness.outputs import read_outputs
from harness.package import Sources, package
from harness.parameters import parameters_file
from harness.targets import Target, target_named
from harness.users import UserPool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.embedded_only("it deploys to an AWS of its own, from nothing")

STACK_NAME = "parley-by-command-line"
BUCKET = "parley-by-command-line-artifacts"


@pytest.fixture
def empty_aws(tmp_path: Path) -> Iterator[Target]:
    """Give an embedded AWS in which nothing is deployed."""
    target, files = target_named("embedded", port=free_port()), LocalFiles(tmp_path / "local")
    process = embedded.start(target.port, files)
    try:
        embedded.wait_until_ready(process, target, files)
        yield target
    finally:
        embedded.stop(process)


@dataclass(frozen=True, slots=True)
class Deployer:
    """Somebody with a checkout and the AWS command line."""

    target: Target
    sources: Sources
    folder: Path

    def deploy(self) -> str:
        """Build, package and deploy as the README says; give what the deployment printed."""
        bundle = package(self.target.platform, self.folder, self.sources)
        environment = self.target.environment()
        commands.run(commands.package_command(bundle, BUCKET), environment)
        return commands.run(commands.deploy_command(bundle, STACK_NAME, parameters_file("dev")), environment)

    def functions(self) -> dict[str, tuple[str, str]]:
        """Give each function's code hash and time of its last change."""
        functions = self.target.session().client("lambda", endpoint_url=self.target.endpoint_url)
        pages = functions.get_paginator("list_functions").paginate()
        return {
            function["FunctionName"]: (function["CodeSha256"], function["LastModified"])
            for page in pages
            for function in page["Functions"]
        }


@pytest.fixture
def deployer(empty_aws: Target, tmp_path: Path) -> Deployer:
    """Give a deployer with handlers of their own to change."""
    handlers = shutil.copytree(
        paths.HANDLERS, tmp_path / "handlers", ignore=shutil.ignore_patterns("__pycache__")
    )
    # With the layer as it is built already: installing it takes longer than all else here.
    built = package(dependencies.HOST)
    folder = shutil.copytree(built.folder, tmp_path / "build")
    commands.run(["aws", "s3", "mb", f"s3://{BUCKET}"], empty_aws.environment())
    return Deployer(empty_aws, Sources(handlers=handlers), folder)


@pytest.mark.slow  # the command line looks only every 30 seconds whether CloudFormation is done
async def test_deployment_by_the_readme_changes_what_was_changed_and_nothing_else(deployer: Deployer) -> None:
    """From nothing to a stack that works; again, and nothing changes; with one handler changed, it alone."""
    assert "Successfully created/updated stack" in deployer.deploy()
    outputs = read_outputs(deployer.target, STACK_NAME)
    newcomer = People(UserPool.of(deployer.target, outputs)).sign_up("newcomer")
    async with httpx.AsyncClient(base_url=outputs.http_api_url) as rest:
        profile = await rest.get("/users/me", headers=newcomer.authorization)
    assert profile.json()["userId"] == newcomer.user_id
    first = deployer.functions()
    assert len(first) == len(deployer.sources.functions)

    assert "No changes to deploy" in deployer.deploy()
    assert deployer.functions() == first

    entry = deployer.sources.handlers / "get_users.py"
    entry.write_text(f"{entry.read_text()}\n# Changed.\n")
    assert "Successfully created/updated stack" in deployer.deploy()
    changed = {name for name, state in deployer.functions().items() if state != first[name]}
    assert changed == {f"{STACK_NAME}-get-users"}
