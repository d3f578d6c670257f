"""Accounts as a whole: deleting one leaves nothing of its owner's, an export has all of it for them alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from e2e.support.deadlines import eventually
from e2e.support.faults import fault
from e2e.support.parley import send_message

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.faults import Faults
    from e2e.support.parley import Parley
    from e2e.support.people import People, Person
    from e2e.support.sockets import Frame
    from harness.users import UserPool


async def delete(parley: Parley, person: Person) -> None:
    """Ask for a person's account to be deleted."""
    response = await parley.rest.delete("/users/me", headers=person.authorization)
    assert response.status_code == 202, response.text


async def until_gone(parley: Parley, person: Person, witness: Person, chat_id: str) -> list[Frame]:
    """Wait until a witness finds neither the person nor any text of theirs; give the chat as it is then."""

    async def left() -> int:
        profile = await parley.rest.get(f"/users/{person.user_id}", headers=witness.authorization)
        history = await parley.history(witness, chat_id)
        texts = [m for m in history if m["senderId"] == person.user_id and m["text"]]
        return len(texts) + (profile.status_code != 404)

    await eventually(left, lambda count: count == 0, within=150)
    return await parley.history(witness, chat_id)


async def test_deleted_account_leaves_its_places_and_no_word(
    parley: Parley, pool: UserPool, people: People, bob: Person
) -> None:
    """Its messages are empty, the others' stay; its owner is signed out, unfound, and signs in no more."""
    person = people.join("leaver")
    chat_id = await parley.direct_chat(person, bob)
    async with parley.socket(person) as socket, parley.socket(bob) as other:
        await socket.ask(send_message(chat_id, 0, "secret", "secret too"))
        await other.ask(send_message(chat_id, 2, "stays"))
        await delete(parley, person)
        await socket.until_closed()
    history = await until_gone(parley, person, bob, chat_id)
    assert [(message["seq"], message["text"]) for message in history] == [(1, ""), (2, ""), (3, "stays")]
    with pytest.raises(pool.cognito.exceptions.ClientError):
        people.sign_in(person.username, person.password)
    refused = await parley.rest.post("/tickets", headers=person.authorization)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "signed_out")
    # A function that has not seen the person refuses at once, others within a minute.
    unread = await parley.rest.get("/unread", headers=person.authorization)
    assert (unread.status_code, unread.json()["error"]["code"]) == (401, "signed_out")
    created = await parley.rest.post(
        "/chats", headers=bob.authorization, json={"kind": "direct", "userId": person.user_id}
    )
    assert created.json()["error"]["code"] == "unknown_user"


async def test_nobody_is_written_to_after_the_account_is_gone(
    parley: Parley, people: People, bob: Person
) -> None:
    """The chat is there to be read, and takes no message any more."""
    person = people.join("leaver")
    chat_id = await parley.direct_chat(person, bob)
    async with parley.socket(person) as socket:
        await socket.ask(send_message(chat_id, 0, "secret"))
    await delete(parley, person)
    await until_gone(parley, person, bob, chat_id)
    async with parley.socket(bob) as socket:

        async def code() -> str:
            return str((await socket.ask(send_message(chat_id, 1, "hello?"))).get("code"))

        await eventually(code, lambda found: found == "unknown_chat")


async def test_deletion_may_be_asked_for_twice(parley: Parley, people: People, bob: Person) -> None:
    """Both are accepted, and the account is gone as if it had been asked for once."""
    person = people.join("leaver")
    chat_id = await parley.direct_chat(person, bob)
    async with parley.socket(person) as socket:
        await socket.ask(send_message(chat_id, 0, "secret"))
    await delete(parley, person)
    await delete(parley, person)
    assert [message["text"] for message in await until_gone(parley, person, bob, chat_id)] == [""]


@pytest.mark.slow
@pytest.mark.embedded_only("faults are localcloud's")
async def test_deletion_goes_on_after_its_function_crashed(
    parley: Parley, people: People, account: Account, bob: Person, faults: Faults
) -> None:
    """The step that did its work and then died is handed out again, and does no harm."""
    person = people.join("leaver")
    chat_id = await parley.direct_chat(person, bob)
    async with parley.socket(person) as socket:
        await socket.ask(send_message(chat_id, 0, "secret"))
    function = account.of_type("AWS::Lambda::Function")["DeleteAccount"]
    with faults.on(fault("lambda", "Invoke", "crash-after", resource=function, count=1)) as active:
        await delete(parley, person)
        history = await until_gone(parley, person, bob, chat_id)
        assert len(active.strikes()) == 1
    assert [message["text"] for message in history] == [""]


async def test_export_has_all_that_its_owner_wrote_and_nothing_of_others(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """It is there after a while, as JSON, behind a link that needs no token and cannot be guessed."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket, parley.socket(bob) as other:
        await socket.ask(send_message(chat_id, 0, "mine", "mine too"))
        await other.ask(send_message(chat_id, 2, "theirs"))

    async def state() -> Frame:
        response = await parley.rest.get("/users/me/export", headers=alice.authorization)
        return dict(response.json())

    assert (await state())["error"]["code"] == "no_export"
    asked = await parley.rest.post("/users/me/export", headers=alice.authorization)
    assert (asked.status_code, asked.json()["status"]) == (202, "preparing")
    ready = await eventually(state, lambda seen: seen.get("status") == "ready")
    async with httpx.AsyncClient() as anyone:
        archive = (await anyone.get(ready["url"])).json()
        assert (await anyone.get(ready["url"].partition("?")[0])).status_code == 403
    assert archive["profile"]["username"] == alice.username
    assert [entry["message"]["text"] for entry in archive["messages"]] == ["mine", "mine too"]
    others = await parley.rest.get("/users/me/export", headers=bob.authorization)
    assert others.json()["error"]["code"] == "no_export"


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/users/me"), ("POST", "/users/me/export"), ("GET", "/users/me/export")]
)
async def test_account_is_nobodys_without_a_token(parley: Parley, method: str, path: str) -> None:
    """There is no way to name whose account it is."""
    assert (await parley.rest.request(method, path)).status_code == 401
