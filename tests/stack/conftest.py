"""The templates, read as CloudFormation reads them, for the tests of the stack."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.stack.rendered import rendered
from tests.stack.template import Template, read_template

if TYPE_CHECKING:
    from tests.stack.rendered import Render

STACK = Path(__file__).parents[2] / "stack"
ALONE = frozenset({"deployer", "github", "pipeline"})
"""Templates of what an account has once, outside of the stack."""


@pytest.fixture(scope="session")
def templates() -> dict[str, Template]:
    """Every template of the stack by its name without the suffix."""
    return {name: template for name, template in _all().items() if name not in ALONE}


@pytest.fixture(scope="session")
def alone() -> dict[str, Template]:
    """Every template that is deployed by itself."""
    return {name: template for name, template in _all().items() if name in ALONE}


@pytest.fixture(scope="session")
def render(templates: dict[str, Template]) -> Render:
    """Give the whole stack by some parameters of the root, as CloudFormation would make it."""
    return cache(partial(rendered, templates))


def _all() -> dict[str, Template]:
    return {path.stem: read_template(path) for path in sorted(STACK.glob("[!.]*.yaml"))}
