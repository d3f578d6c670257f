"""The pytest plugin: ``localcloud``, an AWS for a test session, whose faults end with each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.testing import Localcloud


@pytest.fixture(scope="session")
def localcloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Localcloud]:
    """A localcloud on a free port, empty at first; it ends with the session and leaves no process."""
    from localcloud import testing  # noqa: PLC0415 - projects that have the plugin and do not use it pay nothing

    with testing.running(tmp_path_factory.mktemp("localcloud")) as running:
        yield running


@pytest.fixture(autouse=True)
def _faults_end_with_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a fault on, and turn it off: the next test's AWS is whole."""
    if "localcloud" not in request.fixturenames:
        yield
        return
    running: Localcloud = request.getfixturevalue("localcloud")
    yield
    if left := [active.rule.id for active in running.faults.list()]:
        running.faults.clear()
        pytest.fail(
            f"The test left faults on ({', '.join(left)}), which are off now: "
            "use `with localcloud.faults.on(...)`, or clear them."
        )
