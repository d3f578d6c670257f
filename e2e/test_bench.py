"""The other side of `nox -s bench`: the stack on bare MiniStack, spared what it does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.subjects import ministack

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.embedded_only("it starts bare MiniStack by itself")


def test_stack_spared_what_bare_ministack_does_not_know_is_deployed_there(folder: Path) -> None:
    """Else there would be nothing to compare with."""
    with ministack(folder) as subject:
        assert subject.deployment.web_socket_url.startswith("ws://127.0.0.1:")
        assert subject.deployment.left_out
