"""The shared test vectors: calls into the session and the effects each must have, as JSON for every port.

A vector is {"about", "policy"?, "snapshot"?, "random"?, "steps"}. A step calls one method of the session,
named in camelCase like its arguments (`frame` is what arrives, as JSON), and lists all its effects in order.
`random` are the numbers drawn, in turn. `snapshot` and `views` say what holds after a step.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from parley_client import client_frames, values
from parley_client.chats import Snapshot
from parley_client.policy import Policy
from parley_client.session import Session

TYPES: dict[str, Any] = {
    "message": values.NewMessage,
    "chat": values.ChatSummary,
    "chats": list[values.ChatSummary],
    "members": list[values.Member],
}
"""What arguments of these names are."""
VECTORS = sorted((Path(__file__).parent / "vectors").glob("*.json"))


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One call and its effects, and where the vector says so, what holds afterwards."""

    call: str
    effects: list[dict[str, Any]]
    arguments: dict[str, Any] = {}
    snapshot: dict[str, Any] | None = None
    """What a snapshot holds."""
    views: dict[str, dict[str, Any] | None] = {}
    """By chat id, fields of its view, or null where the session knows no such chat of its user's."""


class Vector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A session's course from its start."""

    about: str
    steps: list[Step]
    policy: Policy = Policy()
    snapshot: Snapshot = Snapshot()
    random: list[float] = []


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)


def play(session: Session, step: Step) -> list[dict[str, Any]]:
    """Make a step's call and return its effects as JSON has them."""
    arguments = {_snake(name): value for name, value in step.arguments.items()}
    if step.call == "received":
        session.received(arguments["connection"], json.dumps(arguments["frame"]))
    elif step.call == "query":
        session.query(msgspec.convert(arguments["frame"], client_frames.Query))
    else:
        for name, type_ in TYPES.items():
            if name in arguments:
                arguments[name] = msgspec.convert(arguments[name], type_)
        getattr(session, _snake(step.call))(**arguments)
    builtin: list[dict[str, Any]] = json.loads(msgspec.json.encode(session.take_effects()))
    return builtin


def seen(session: Session, chat_id: str, fields: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return those fields of a chat's view that a vector names, as JSON has them."""
    view: dict[str, Any] | None = json.loads(msgspec.json.encode(session.chat(chat_id)))
    return view if view is None else {name: view[name] for name in fields or view}


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_session_vector_has_exactly_its_effects(path: Path) -> None:
    """Each step of a vector has the effects that it lists, and no others."""
    vector = msgspec.json.decode(path.read_bytes(), type=Vector)
    numbers = iter(vector.random)
    session = Session(vector.policy, lambda: next(numbers), vector.snapshot)
    for number, step in enumerate(vector.steps):
        assert play(session, step) == step.effects, f"step {number}: {step.call}"
        if step.snapshot is not None:
            assert json.loads(msgspec.json.encode(session.snapshot())) == step.snapshot
        for chat_id, fields in step.views.items():
            assert seen(session, chat_id, fields) == fields, f"step {number}: {step.call}"
    assert next(numbers, None) is None, "all random numbers are drawn"


def test_vectors_are_there() -> None:
    """The vectors were found: an empty folder must not pass for a success."""
    assert len(VECTORS) >= 10
