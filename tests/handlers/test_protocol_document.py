"""docs/protocol.md says what the code says, and the stack routes what the code answers."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from chat.errors import CATALOGUE
from chat.protocol import http_chats
from chat.protocol.client_frames import CLIENT_FRAMES
from specs.routes import ROUTES
from tests.handlers.support.protocol_tables import DOCUMENT, names, rendered, tables

ROOT = Path(__file__).parents[2]
WRITE = "run `PYTHONPATH=.:handlers python -m tests.handlers.support.protocol_tables`"


def test_document_has_every_table_as_the_code_has_it() -> None:
    """A field, a limit, an error or a route that changes must change here too."""
    document = DOCUMENT.read_text()
    assert sorted(names(document)) == sorted(tables())
    assert document == rendered(document), f"docs/protocol.md is not what the code says: {WRITE}"


def test_table_that_lost_a_row_is_noticed() -> None:
    """The check is one: a missing line changes the rendering."""
    document = DOCUMENT.read_text()
    row = next(line for line in document.splitlines(keepends=True) if line.startswith("| `bad_after`"))
    assert rendered(document.replace(row, "", 1)) == document


def handled() -> dict[str, tuple[str, str]]:
    """Every route of the HTTP API, with the entry and the function that answer it."""
    found = {}
    for entry in (ROOT / "handlers").glob("*.py"):
        for node in ast.walk(ast.parse(entry.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "handlers.http_routes",
                "handlers.site_routes",
            ):
                (answers,) = node.args
                assert isinstance(answers, ast.Dict)
                for key, function in zip(answers.keys, answers.values, strict=True):
                    assert isinstance(key, ast.Constant)
                    found[str(key.value)] = (entry.name, ast.unparse(function))
    return found


def test_every_http_route_is_documented() -> None:
    """And none besides."""
    assert set(handled()) == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_http_route_reads_the_query_and_body_that_are_documented(route: str) -> None:
    """The types in the document are those that the route's function parses."""
    entry, function = handled()[route]
    tree = ast.parse((ROOT / "handlers" / entry).read_text())
    (definition,) = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == function]
    source = ast.unparse(definition)
    exchange = ROUTES[route]
    assert f"request.parse_query({exchange.query.__name__})" in source
    assert ("request.parse_body(" in source) is (exchange.body is not None)
    if exchange.body is not None:
        union = next((name for name, value in vars(http_chats).items() if value == exchange.body), "")
        assert f"request.parse_body({getattr(exchange.body, '__name__', union)})" in source


def route_keys() -> list[str]:
    """The routes that the templates declare."""
    templates = "".join(path.read_text() for path in (ROOT / "stack").glob("*.yaml"))
    return re.findall(r"^ +RouteKey: (.+)$", templates, re.MULTILINE)


def test_stack_routes_every_action_and_every_http_route_to_its_entry() -> None:
    """A route in the code but not in a template answers "Forbidden" in production."""
    actions = {frame.__struct_config__.tag for frame in CLIENT_FRAMES}
    life_cycle = {"$connect", "$disconnect", "$default"}
    health_check = {"GET /health"}  # Route 53's, and no part of the protocol
    keys = route_keys()
    assert len(keys) == len(set(keys))
    assert set(keys) == actions | life_cycle | health_check | ROUTES.keys()


@pytest.mark.parametrize("code", CATALOGUE)
def test_error_is_raised_somewhere_and_says_what_to_do(code: str) -> None:
    """No code that nothing answers; and each has one sentence: what is wrong, what to do."""
    sources = "".join(path.read_text() for path in (ROOT / "handlers").rglob("*.py"))
    assert f'ChatError("{code}"' in sources
    assert re.fullmatch(r"[^:]+: [^:]+\.", CATALOGUE[code].message)
