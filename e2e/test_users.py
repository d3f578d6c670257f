"""Users: a profile comes into being by itself, is its owner's to change, and is found by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.support.deadlines import eventually
from e2e.support.parley import get_users

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import People, Person


async def test_profile_of_a_new_user_comes_into_being_at_the_first_call(
    parley: Parley, alice: Person
) -> None:
    """Whoever just signed up asks for their own profile and has one."""
    response = await parley.rest.get("/users/me", headers=alice.authorization)
    assert response.status_code == 200, response.text
    profile = response.json()
    assert (profile["userId"], profile["username"]) == (alice.user_id, alice.username)


async def test_profile_comes_into_being_at_any_authenticated_call(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """A user who only ever asked for a ticket is found by others."""
    await parley.ticket(bob)

    async def found() -> list[str]:
        response = await parley.rest.get("/users", headers=alice.authorization, params={"q": bob.username})
        return [user["userId"] for user in response.json()["users"]]

    # The index that finds users follows the table after a moment.
    assert await eventually(found) == [bob.user_id]


async def test_users_are_found_by_the_beginning_of_their_name_in_any_case(
    parley: Parley, people: People, alice: Person
) -> None:
    """A search finds everyone whose name begins so and nobody else, over REST and the socket alike."""
    first = people.join("zoe")
    second = people.join(f"{first.username}-sister")
    other = people.join("zorro")
    for person in (first, second, other):
        await parley.ticket(person)
    wanted = {first.user_id, second.user_id}
    async with parley.socket(alice) as socket:

        async def over_the_socket() -> set[str]:
            answer = await socket.ask(get_users(first.username.upper()))
            return {user["userId"] for user in answer["users"]}

        assert await eventually(over_the_socket, lambda found: found >= wanted) == wanted
    response = await parley.rest.get(
        "/users", headers=alice.authorization, params={"q": first.username.upper()}
    )
    assert {user["userId"] for user in response.json()["users"]} == wanted


async def test_users_search_tells_no_email(parley: Parley, alice: Person, bob: Person) -> None:
    """Whom one finds shows a name, not an address."""
    await parley.ticket(bob)

    async def found() -> str:
        response = await parley.rest.get("/users", headers=alice.authorization, params={"q": bob.username})
        return response.text if response.json()["users"] else ""

    assert "@" not in await eventually(found)


async def test_profile_changes_for_its_owner_and_for_all_who_look(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """A display name that its owner sets is what others find."""
    changed = await parley.rest.patch("/users/me", headers=bob.authorization, json={"displayName": "Bobby"})
    assert changed.status_code == 200, changed.text
    assert changed.json()["displayName"] == "Bobby"

    async def found() -> list[str]:
        response = await parley.rest.get("/users", headers=alice.authorization, params={"q": bob.username})
        return [user.get("displayName") for user in response.json()["users"]]

    await eventually(found, lambda names: names == ["Bobby"])


async def test_profile_of_another_cannot_be_changed(parley: Parley, alice: Person, mallory: Person) -> None:
    """There is no field to say whose profile changes: a body that names another is refused."""
    await parley.ticket(alice)
    response = await parley.rest.patch(
        "/users/me", headers=mallory.authorization, json={"userId": alice.user_id, "displayName": "Mallory"}
    )
    assert response.status_code == 400, response.text
    mine = await parley.rest.get("/users/me", headers=alice.authorization)
    assert mine.json().get("displayName") != "Mallory"
