"""The README's deployment, `aws cloudformation package` and `deploy`, and what a change brings."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from e2e.support.bring_up import free_port
from e2e.support.deadlines import PATIENCE
from e2e.support.people import People
from harness import commands, embedded, paths
from harness.deploy import ARTIFACTS_BUCKET, deploy_local
from harness.local_files import LocalFiles
from harness.outputs import read_outputs
from harness.package import Bundle, Sources, package
from harness.parameters import parameters_file, read_parameters
from harness.targets import Target, target_named
from harness.users import UserPool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.embedded_only("it deploys to an AWS of its own, from nothing")

STACK_NAME = "parley-by-command-line"


def readme_commands() -> list[list[str]]:
    """Give the README's two commands of a deployment, word by word."""
    lines = (paths.ROOT / "README.md").read_text().replace("\\\n", " ").splitlines()
    found = [shlex.split(line) for line in lines if line.strip().startswith("aws cloudformation ")]
    assert [command[2] for command in found] == ["package", "deploy"]
    return found


@dataclass(frozen=True, slots=True)
class Deployer:
    """Somebody with a checkout, the AWS command line and an AWS."""

    target: Target
    sources: Sources
    bundle_folder: Path

    def deploy(self) -> str:
        """Build, then run the README's commands with this deployer's names; give what the last printed."""
        bundle = self._build()
        names = {
            "YOUR-BUCKET": ARTIFACTS_BUCKET,
            "parley-prod": STACK_NAME,
            "build/aws/": f"{bundle.folder}/",
            "prod.json": "dev.json",  # the one that lets users sign in with a password
        }
        printed = ""
        for command in readme_commands():
            for readme_name, name in names.items():
                command = [word.replace(readme_name, name) for word in command]  # noqa: PLW2901
            printed = commands.run(command, self.target.environment())
        return printed

    def deploy_locally(self) -> bool:
        """Build, package and deploy as `nox -s up` does; give whether anything changed."""
        return deploy_local(self.target, self._build(), STACK_NAME, read_parameters(parameters_file("dev")))

    def functions(self) -> dict[str, tuple[str, str]]:
        """Give each function's code hash and time of its last change."""
        functions = self.target.session().client("lambda", endpoint_url=self.target.endpoint_url)
        return {
            function["FunctionName"]: (function["CodeSha256"], function["LastModified"])
            for page in functions.get_paginator("list_functions").paginate()
            for function in page["Functions"]
        }

    def _build(self) -> Bundle:
        return package(self.target.platform, self.bundle_folder, self.sources)


@pytest.fixture
def empty_aws(folder: Path) -> Iterator[Target]:
    """Give an embedded AWS in which nothing is deployed."""
    target, files = target_named("embedded", port=free_port()), LocalFiles(folder / "local")
    process = embedded.start(target.port, files)
    try:
        embedded.wait_until_ready(process, target, files)
        yield target
    finally:
        embedded.stop(process)


@pytest.fixture
def deployer(empty_aws: Target, folder: Path) -> Deployer:
    """Give a deployer with handlers of their own to change."""
    handlers = shutil.copytree(
        paths.HANDLERS, folder / "handlers", ignore=shutil.ignore_patterns("__pycache__")
    )
    # With the layer as it is built already: installing it takes longer than all else here.
    bundle_folder = shutil.copytree(package(empty_aws.platform).folder, folder / "build")
    commands.run(["aws", "s3", "mb", f"s3://{ARTIFACTS_BUCKET}"], empty_aws.environment())
    return Deployer(empty_aws, Sources(handlers=handlers), bundle_folder)


@pytest.mark.slow  # the command line looks only every 30 seconds whether CloudFormation is done
async def test_deployment_by_the_readme_changes_what_was_changed_and_nothing_else(deployer: Deployer) -> None:
    """From nothing to a stack that works; again, and nothing changes; with one handler changed, it alone."""
    assert "Successfully created/updated stack" in deployer.deploy()
    outputs = read_outputs(deployer.target, STACK_NAME)
    newcomer = People(UserPool.of(deployer.target, outputs)).sign_up("newcomer")
    async with httpx.AsyncClient(base_url=outputs.http_api_url, timeout=PATIENCE) as rest:
        profile = await rest.get("/users/me", headers=newcomer.authorization)
    assert profile.json()["userId"] == newcomer.user_id
    first = deployer.functions()
    entries = {name.removeprefix(f"{STACK_NAME}-").replace("-", "_") for name in first}
    assert (
        {"send_message", "get_users"} <= entries <= set(deployer.sources.functions)
    )  # less what dev has off

    assert "No changes to deploy" in deployer.deploy()
    assert deployer.functions() == first

    entry = deployer.sources.handlers / "get_users.py"
    entry.write_text(f"{entry.read_text()}\n# Changed.\n")
    assert deployer.deploy_locally()  # the same change set as the command line's, without its 30 seconds
    changed = {name for name, state in deployer.functions().items() if state != first[name]}
    assert changed == {f"{STACK_NAME}-get-users"}
    assert not deployer.deploy_locally()
