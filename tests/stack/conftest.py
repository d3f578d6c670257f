"""The templates, read as CloudFormation reads them, for the tests of the stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stack.template import Template, read_template

STACK = Path(__file__).parents[2] / "stack"


@pytest.fixture(scope="session")
def templates() -> dict[str, Template]:
    """Every template of the stack by its name without the suffix."""
    return {path.stem: read_template(path) for path in sorted(STACK.glob("*.yaml"))}
