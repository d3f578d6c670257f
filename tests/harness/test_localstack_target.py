"""LocalStack's image: what can be known of it without running it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml
from compose_spec import PyCompose

from harness import localstack
from harness.errors import HarnessError

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
HOOK = ROOT / "localstack" / "init" / "ready.d" / "deploy.sh"


def _interpolated() -> str:
    """The compose file as Compose reads it: variables have their defaults, and there is a token."""
    return re.sub(r"\$\{\w+:([-?])([^}]*)\}", lambda found: found[2] if found[1] == "-" else "token", COMPOSE)


def test_compose_file_is_valid_by_the_specification() -> None:
    """Compose would take it: every key and every value is one that the Compose specification has."""
    services = PyCompose.from_yaml(_interpolated()).to_spec().services
    assert services is not None
    assert list(services) == ["localstack", "load-master", "load-worker"]


def test_compose_file_listens_on_loopback_and_wants_the_token() -> None:
    """No other machine reaches it, since its root credentials are public; no token, no start."""
    service = yaml.safe_load(COMPOSE)["services"]["localstack"]
    assert service["ports"] == ["127.0.0.1:${PARLEY_PORT:-4566}:4566"]
    assert service["environment"][localstack.TOKEN].startswith(f"${{{localstack.TOKEN}:?")


def test_compose_file_mounts_what_the_hook_reads() -> None:
    """The hook finds the bundle and the parameters where the compose file puts them."""
    mounts = dict(
        mount.split(":")[:2] for mount in yaml.safe_load(COMPOSE)["services"]["localstack"]["volumes"]
    )
    inside = {there: here for here, there in mounts.items()}
    script = HOOK.read_text()
    assert inside["/opt/parley/bundle"] == "./build/localstack"
    assert inside["/opt/parley/params"] == "./stack/params"
    assert set(re.findall(r"/opt/parley/\w+", script)) == {"/opt/parley/bundle", "/opt/parley/params"}
    assert (ROOT / inside["/etc/localstack/init/ready.d"] / HOOK.name).resolve() == HOOK
    assert os.access(HOOK, os.X_OK)


def test_start_without_docker_says_so(tmp_path: Path) -> None:
    """One sentence that names the way out."""
    with pytest.raises(HarnessError, match=r"needs Docker.*the target embedded does not"):
        localstack.refuse_unequipped({"PATH": str(tmp_path), localstack.TOKEN: "token"})


def test_start_without_token_says_so(tmp_path: Path) -> None:
    """One sentence that names the variable."""
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\n")
    docker.chmod(0o755)
    with pytest.raises(HarnessError, match=r"set LOCALSTACK_AUTH_TOKEN"):
        localstack.refuse_unequipped({"PATH": str(tmp_path)})


def test_commands_wait_for_health_and_keep_the_data() -> None:
    """Up comes back when the hook has deployed; down removes the volume only when asked to."""
    assert localstack.up_command()[-3:] == ["up", "--detach", "--wait"]
    assert "--volumes" not in localstack.down_command(clean=False)
    assert localstack.down_command(clean=True)[-1] == "--volumes"
