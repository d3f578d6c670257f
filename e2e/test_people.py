"""Profiles and reports: what users say of themselves, and what they show to those who run the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.support.parley import send_message

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person


async def test_profile_says_what_its_owner_wrote(parley: Parley, alice: Person, bob: Person) -> None:
    """Another user reads it by the user's id; what a change leaves out stays."""
    for change in ({"displayName": "Alice A."}, {"about": "Reads."}):
        response = await parley.rest.patch("/users/me", headers=alice.authorization, json=change)
        assert response.status_code == 200, response.text
    seen = await parley.rest.get(f"/users/{alice.user_id}", headers=bob.authorization)
    assert seen.json() == {
        "userId": alice.user_id,
        "username": alice.username,
        "displayName": "Alice A.",
        "about": "Reads.",
    }


async def test_profile_of_nobody_is_unknown(parley: Parley, alice: Person) -> None:
    """An id that is no user's is answered as such."""
    response = await parley.rest.get("/users/nobody-at-all", headers=alice.authorization)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_user")


@pytest.mark.parametrize("change", [{}, {"about": "x" * 281}, {"displayName": ""}, {"username": "root"}])
async def test_profile_change_that_does_not_fit_is_refused(
    parley: Parley, alice: Person, change: dict[str, str]
) -> None:
    """Nothing named, too long, empty, or not the user's to change."""
    response = await parley.rest.patch("/users/me", headers=alice.authorization, json=change)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")


async def test_profile_is_not_shown_without_a_token(parley: Parley, alice: Person) -> None:
    """There is no anonymous look."""
    assert (await parley.rest.get(f"/users/{alice.user_id}")).status_code == 401


async def test_report_of_a_message_is_taken_once_and_from_members_alone(
    parley: Parley, alice: Person, bob: Person, mallory: Person
) -> None:
    """Bob shows what alice wrote to those who run the service; mallory hears of no such chat."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        await socket.ask(send_message(chat_id, 0, "buy now"))

    async def report(person: Person, **fields: object) -> tuple[int, str]:
        body = {"chatId": chat_id, "seq": 1, "reason": "spam", **fields}
        response = await parley.rest.post("/reports", headers=person.authorization, json=body)
        return response.status_code, response.json().get("error", {}).get("code", "")

    assert await report(bob) == (201, "")
    assert await report(bob) == (200, "")
    assert await report(bob, seq=2) == (404, "unknown_message")
    assert await report(bob, reason="boredom") == (400, "bad_request")
    assert await report(mallory) == (404, "unknown_chat")
