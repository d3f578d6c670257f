"""The templates, read as CloudFormation reads them, for the tests of the stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stack.template import Template, read_template

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


def _all() -> dict[str, Template]:
    return {path.stem: read_template(path) for path in sorted(STACK.glob("[!.]*.yaml"))}
