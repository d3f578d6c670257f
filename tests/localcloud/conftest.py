"""The one MiniStack of this test process, and AWS calls to it without a server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from e2e.support.openid_provider import openid_provider
from localcloud.data_directory import DataDirectory
from localcloud.ministack import environment
from localcloud.settings import Settings
from tests.localcloud.in_process_aws import InProcessAws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.support.openid_provider import OpenIdProvider
    from localcloud.ministack.control_plane import MiniStack


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    """The control plane; one a process, so tests share it and each uses names of its own."""
    data = DataDirectory(tmp_path_factory.mktemp("localcloud"))
    settings = Settings(data_directory=data.path, log_level="error")
    environment.configure(settings, data)
    from localcloud.ministack.control_plane import MiniStack  # noqa: PLC0415 - it reads what the line above set

    control_plane = MiniStack(settings, data)
    yield control_plane
    asyncio.run(control_plane.close())


@pytest.fixture
def aws(ministack: MiniStack) -> InProcessAws:
    """The account's root, calling the control plane."""
    return InProcessAws(ministack)


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    """An OpenID provider, which plays Google too."""
    with openid_provider() as running, pytest.MonkeyPatch.context() as environment:
        environment.setenv("LOCALCLOUD_GOOGLE_ISSUER", running.issuer)
        yield running
