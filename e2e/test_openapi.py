"""The HTTP API against its own OpenAPI document: whatever is asked, the answer is one that it describes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from ulid import ULID

if TYPE_CHECKING:
    from e2e.support.people import People, Person
    from harness.outputs import Outputs

DOCUMENT = schemathesis.openapi.from_path(Path(__file__).parents[1] / "docs" / "openapi.json")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
GENTLY = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,  # a failure replays
    suppress_health_check=list(HealthCheck),
)


class Place:
    """A person with a group of their own and a message in it: what paths can name."""

    def __init__(self, stack: Outputs, person: Person, other: Person) -> None:
        """Create the group, and write."""
        self.url, self.headers = stack.http_api_url, person.authorization
        with httpx.Client(base_url=self.url, timeout=30) as rest:
            for who in (person, other):
                rest.get("/users/me", headers=who.authorization).raise_for_status()
            group = {"kind": "group", "id": str(ULID()), "name": "Parrots", "memberIds": [other.user_id]}
            chat = rest.post("/chats", headers=self.headers, json=group)
            assert chat.status_code == 201, chat.text
            message = {"after": 0, "messages": [{"id": str(ULID()), "text": "hi"}]}
            sent = rest.post(f"/chats/{chat.json()['chatId']}/messages", headers=self.headers, json=message)
            assert sent.status_code == 200, sent.text
        self.path = {"chatId": chat.json()["chatId"], "userId": other.user_id, "seq": 1}


@pytest.fixture
def place(stack: Outputs, people: People) -> Place:
    """Somebody's own place, since some of what is asked ends accounts and sessions."""
    return Place(stack, people.join("ada"), people.join("ben"))


@DOCUMENT.parametrize()
@GENTLY
def test_answer_to_whatever_fits_the_document_is_described_by_it(
    case: schemathesis.Case[Any], place: Place
) -> None:
    """No 500, no status, type or form of an answer that the document does not have."""
    case.call_and_validate(base_url=place.url, headers=place.headers, checks=CHECKS)


@DOCUMENT.include(path_regex=r"\{").parametrize()
@GENTLY
def test_answer_about_what_there_is_is_described_by_the_document(
    case: schemathesis.Case[Any], place: Place
) -> None:
    """The same where the path names a chat, a member and a message that are there."""
    case.path_parameters.update(
        {name: place.path.get(name, value) for name, value in case.path_parameters.items()}
    )
    case.call_and_validate(base_url=place.url, headers=place.headers, checks=CHECKS)
