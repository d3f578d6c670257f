"""Profiles: what users say of themselves is theirs to change and everyone's to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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
