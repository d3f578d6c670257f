"""Aliases of two versions: each invocation goes to one of them, by their weights."""

from __future__ import annotations

import pytest

from localcloud.functions.aliases import Alias, is_version, parse_get_alias
from localcloud.interfaces import Response


@pytest.mark.parametrize(("drawn", "version"), [(0.0, "2"), (0.09, "2"), (0.1, "1"), (0.99, "1")])
def test_alias_gives_the_other_version_its_share(drawn: float, version: str) -> None:
    """A tenth of what may be drawn."""
    assert Alias("1", "2", 0.1).choose(drawn) == version


def test_alias_of_one_version_gives_that() -> None:
    """Whatever is drawn."""
    assert {Alias("1").choose(drawn) for drawn in (0.0, 0.5, 0.99)} == {"1"}


@pytest.mark.parametrize(("qualifier", "expected"), [("$LATEST", True), ("7", True), ("live", False)])
def test_qualifier_is_a_version_or_an_alias(qualifier: str, expected: bool) -> None:
    """Lambda takes no number for an alias' name."""
    assert is_version(qualifier) is expected


def test_answer_to_get_alias_is_parsed() -> None:
    """With and without weights; a missing one is told by name, a fault is a fault."""
    one = Response(200, body=b'{"FunctionVersion": "3"}')
    assert parse_get_alias("greet", "live", one) == Alias("3")
    weighted = b'{"FunctionVersion": "3", "RoutingConfig": {"AdditionalVersionWeights": {"4": 0.25}}}'
    assert parse_get_alias("greet", "live", Response(200, body=weighted)) == Alias("3", "4", 0.25)
    with pytest.raises(KeyError, match="alias live"):
        parse_get_alias("greet", "live", Response(404))
    with pytest.raises(RuntimeError, match="500"):
        parse_get_alias("greet", "live", Response(500))
