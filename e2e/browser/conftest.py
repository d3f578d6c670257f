"""What the tests in a browser share: how long they wait, and the screens without a stack."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from e2e.browser.gallery import served
from e2e.support.deadlines import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator


expect.set_options(timeout=PATIENCE * 1_000)


@pytest.fixture(scope="session")
def gallery() -> Iterator[str]:
    """Give the address of the screens on the fake model."""
    with tempfile.TemporaryDirectory(prefix="parley-e2e-") as folder, served(Path(folder)) as url:
        yield url
