"""Targets: how each is reached, and what each may see."""

from __future__ import annotations

import pytest

from harness.errors import HarnessError
from harness.targets import target_named


def test_target_local_is_reached_by_its_port_with_its_own_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The user's own account never reaches an emulator."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    target = target_named("embedded", port=4600)
    environment = target.environment()
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4600"
    assert environment["AWS_ACCESS_KEY_ID"] == "test"
    assert "AWS_PROFILE" not in environment
    assert "AWS_SESSION_TOKEN" not in environment


def test_target_aws_takes_the_users_own_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials and region are those of the shell."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_PROFILE", "production")
    target = target_named("aws")
    assert target.endpoint_url is None
    assert target.environment()["AWS_PROFILE"] == "production"
    assert target.region == "eu-west-1"


def test_target_named_address_is_that_address() -> None:
    """Any other LocalStack-compatible endpoint can be named."""
    target = target_named("localstack", endpoint_url="http://emulator.test:4567")
    assert target.endpoint_url == "http://emulator.test:4567"
    assert target.port == 4567


def test_target_unknown_name_is_refused() -> None:
    """One sentence with the names that there are."""
    with pytest.raises(HarnessError, match="choose one of embedded, localstack, aws"):
        target_named("azure")
