"""Sessions: signing out everywhere ends them all now; signing out on one device leaves the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import InvalidStatus

from e2e.support.deadlines import eventually
from e2e.support.parley import ping
from e2e.support.sockets import open_socket

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import People, Person
    from harness.users import UserPool


async def sign_out_everywhere(parley: Parley, person: Person) -> None:
    """Sign a person out on every device."""
    response = await parley.rest.post("/sign-out", headers=person.authorization, json={"everywhere": True})
    assert response.status_code == 200, response.text


async def test_signing_out_everywhere_closes_every_device_now_and_nobody_elses(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """All sockets of alice's end without her doing anything; bob's answers."""
    async with parley.socket(alice) as one, parley.socket(alice) as two, parley.socket(bob) as other:
        await sign_out_everywhere(parley, alice)
        await one.until_closed()
        await two.until_closed()
        assert (await other.ask(ping()))["type"] == "pong"


async def test_token_from_before_signing_out_gets_no_ticket_and_a_new_one_does(
    parley: Parley, people: People, alice: Person
) -> None:
    """Signing in again is what it takes."""
    await sign_out_everywhere(parley, alice)
    refused = await parley.rest.post("/tickets", headers=alice.authorization)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "signed_out")

    async def status() -> int:
        again = replace(alice, access_token=people.sign_in(alice.username, alice.password))
        return (await parley.rest.post("/tickets", headers=again.authorization)).status_code

    await eventually(status, lambda code: code == 200)  # a token of the very same second is refused


async def test_ticket_from_before_signing_out_opens_nothing(parley: Parley, alice: Person) -> None:
    """It was given in time and is spent too late."""
    ticket = await parley.ticket(alice)
    await sign_out_everywhere(parley, alice)
    with pytest.raises(InvalidStatus) as refusal:
        async with open_socket(parley.socket_url(ticket=ticket)):
            pass
    assert refusal.value.response.status_code in (401, 403)


async def test_signing_out_everywhere_ends_every_refresh_token(
    parley: Parley, pool: UserPool, alice: Person
) -> None:
    """No device renews its session afterwards."""

    def signed_in() -> str:
        answer = pool.cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": alice.username, "PASSWORD": alice.password},
        )
        return answer["AuthenticationResult"]["RefreshToken"]

    def renew(refresh_token: str) -> None:
        pool.cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": refresh_token},
        )

    refresh_token = signed_in()
    renew(refresh_token)
    await sign_out_everywhere(parley, alice)
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        renew(refresh_token)


async def test_signing_out_on_one_device_leaves_the_others(
    parley: Parley, pool: UserPool, people: People, alice: Person
) -> None:
    """A device that revokes its own refresh token and hangs up ends nothing else."""
    answer = pool.cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": alice.username, "PASSWORD": alice.password},
    )["AuthenticationResult"]
    leaving = replace(alice, access_token=answer["AccessToken"])
    async with parley.socket(alice) as staying:
        async with parley.socket(leaving) as socket:
            assert (await socket.ask(ping()))["type"] == "pong"
        pool.cognito.revoke_token(ClientId=pool.client_id, Token=answer["RefreshToken"])
        assert (await staying.ask(ping()))["type"] == "pong"
    await parley.ticket(alice)
    assert people.sign_in(alice.username, alice.password)


async def test_sign_out_without_a_token_is_refused(parley: Parley) -> None:
    """Nobody signs another out."""
    assert (await parley.rest.post("/sign-out", json={"everywhere": True})).status_code == 401
