"""The documents for machines say what the code and the stack say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chat.errors import CATALOGUE
from chat.protocol.client_frames import CLIENT_FRAMES
from chat.protocol.server_frames import SERVER_FRAMES, Error
from specs.__main__ import DOCUMENTS, rendered
from specs.frames import ANSWERS, PUSHED
from specs.routes import ROUTES

DOCS = Path(__file__).parents[1] / "docs"
SOCKET_ONLY = {"unknown_action", "token_expired"}
"""Codes that no route of the HTTP API answers."""


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_is_what_the_code_says(name: str) -> None:
    """Who changes a type, a route or a frame runs `nox -s specs`."""
    assert (DOCS / name).read_text() == rendered(name)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_reference_in_a_document_leads_somewhere(name: str) -> None:
    """No schema or message is named that is not there."""
    document = json.loads((DOCS / name).read_text())
    assert [reference for reference in references(document) if not leads(document, reference)] == []


def references(value: Any) -> list[str]:
    """All references in a document, at whatever depth."""
    match value:
        case {"$ref": str(reference)}:
            return [reference]
        case dict():
            return [reference for inner in value.values() for reference in references(inner)]
        case list():
            return [reference for inner in value for reference in references(inner)]
        case _:
            return []


def leads(document: Any, reference: str) -> bool:
    """Whether a reference leads to a part of the document."""
    place = document
    for name in reference.removeprefix("#/").split("/"):
        if name not in place:
            return False
        place = place[name]
    return True


def test_every_error_of_the_catalogue_is_documented_where_it_may_come() -> None:
    """Some route may answer each, but for those of the WebSocket alone."""
    named = {code for exchange in ROUTES.values() for code in exchange.errors}
    common = {"bad_request", "not_json", "unauthenticated", "signed_out", "internal"}
    assert named | common | SOCKET_ONLY == set(CATALOGUE)


def test_every_frame_is_an_answer_or_comes_by_itself() -> None:
    """And every frame of a client has its answer."""
    assert list(ANSWERS) == list(CLIENT_FRAMES)
    assert {*ANSWERS.values(), *PUSHED, Error} == set(SERVER_FRAMES)
