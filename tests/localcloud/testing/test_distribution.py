"""localcloud's distribution says what the checkout says."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "localstack" / "pyproject.toml").read_text())["project"]


def test_distribution_needs_what_the_checkouts_group_has() -> None:
    """Two lists, kept equal: another project installs from the one, the checkout from the other."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    assert PROJECT["dependencies"] == groups["localcloud"]


def test_distribution_entry_points_are_there() -> None:
    """The command and the plugin."""
    targets = [*PROJECT["scripts"].values(), *PROJECT["entry-points"]["pytest11"].values()]
    assert len(targets) == 2
    for target in targets:
        module, _, name = target.partition(":")
        found = import_module(module)
        assert not name or callable(getattr(found, name))
