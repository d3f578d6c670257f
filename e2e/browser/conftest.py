"""Fixtures of the tests that look at the web client's screens without a stack."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.browser.gallery import served

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def gallery() -> Iterator[str]:
    """Give the address of the screens on the fake model."""
    with tempfile.TemporaryDirectory(prefix="parley-e2e-") as folder, served(Path(folder)) as url:
        yield url
