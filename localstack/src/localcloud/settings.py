"""What one localcloud is started with: frozen, made once from the command line, passed to every part."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud import errors

if TYPE_CHECKING:
    from collections.abc import Mapping


_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def environments_for(cores: int) -> int:
    """How many environments one Lambda function has at most on a machine with ``cores`` cores.

    AWS gives an account 1,000; here every environment is a process of some 50 MB, and a handler mostly waits
    for DynamoDB, so a few a core keep the cores busy and the memory small.
    """
    return max(8, 4 * cores)


@dataclass(frozen=True, slots=True)
class AccountQuotas:
    """What API Gateway lets one account do in a region; AWS's own quotas unless said otherwise."""

    requests_per_second: float = 10_000
    """Of HTTP APIs, WebSocket APIs and @connections together."""
    request_burst: int = 5_000
    """How many of them may come at one instant."""
    connections_per_second: float = 500
    """New WebSocket connections."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> AccountQuotas:
        """AWS's quotas, or those that ``LOCALCLOUD_REQUESTS_PER_SECOND`` and its sisters name.

        Raises:
            LocalcloudError: one of them is no number above zero.
        """
        named = {field.name: environment.get(f"LOCALCLOUD_{field.name.upper()}") for field in fields(cls)}
        return cls(**{name: _above_zero(name, text) for name, text in named.items() if text})


def _above_zero(name: str, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number <= 0:
        raise errors.quota_not_a_number(f"LOCALCLOUD_{name.upper()}", text)
    return number


def other_regions(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The regions that ``LOCALCLOUD_OTHER_REGIONS`` names, separated by commas.

    Raises:
        LocalcloudError: it names something else.
    """
    text = environment.get("LOCALCLOUD_OTHER_REGIONS", "")
    regions = tuple(text.split(",")) if text else ()
    if not all(_REGION.fullmatch(region) for region in regions):
        raise errors.not_regions("LOCALCLOUD_OTHER_REGIONS", text)
    return regions


@dataclass(frozen=True, slots=True)
class Settings:
    """One localcloud's settings."""

    port: int = 4566
    """The one port that everything answers on."""
    data_directory: Path = Path(".localcloud")
    """Where tables, objects and the control plane's state live; survives restarts and kill -9."""
    host: str = "127.0.0.1"
    """The address to listen on: loopback only, because the root credentials are public."""
    account_id: str = "000000000000"
    region: str = "us-east-1"
    other_regions: tuple[str, ...] = ()
    """Regions that are served beside it."""
    log_level: str = "warning"
    """The least severe log level that reaches stderr."""
    max_environments: int = field(default_factory=lambda: environments_for(os.cpu_count() or 1))
    """The most execution environments that one Lambda function has at once."""
    quotas: AccountQuotas = AccountQuotas()
    """API Gateway's; raise them to load this machine with more than AWS would let through."""
    asynchronous_retry_seconds: float = 1.0
    """How long an asynchronous invocation waits after its function's first error; twice that after the
    second. On AWS it is a minute."""
    dynoxide: Path | None = None
    """dynoxide's binary; None looks where npm puts it."""

    @property
    def regions(self) -> tuple[str, ...]:
        """All regions that are served; whatever names none is for the first."""
        return (self.region, *self.other_regions)

    @property
    def endpoint_url(self) -> str:
        """The address that AWS SDKs on this machine are pointed at."""
        return f"http://{self.host}:{self.port}"
