"""A token's end is the end of what it opened: requests and connections alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from e2e.support.deadlines import eventually
from e2e.support.parley import ping

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import TokenValidityUnitsTypeTypeDef

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import People, Person
    from e2e.support.sockets import Frame
    from harness.outputs import Outputs

pytestmark = pytest.mark.local_only("AWS makes no token that ends sooner than in 5 minutes")

LIFETIME = 3
"""Seconds that a brief token is good for."""


@pytest.fixture
def brief(account: Account, stack: Outputs, people: People, alice: Person) -> Person:
    """Sign alice in once more, for a token that ends in a moment; later tokens live as long as ever."""
    pool, client = stack.user_pool_id, stack.user_pool_client_id
    usual = account.cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client)["UserPoolClient"]

    def let_tokens_live(lifetime: int, units: TokenValidityUnitsTypeTypeDef) -> None:
        account.cognito.update_user_pool_client(
            UserPoolId=pool, ClientId=client, AccessTokenValidity=lifetime, TokenValidityUnits=units
        )

    let_tokens_live(LIFETIME, {**usual["TokenValidityUnits"], "AccessToken": "seconds"})
    try:
        return replace(alice, access_token=people.sign_in(alice.username, alice.password))
    finally:
        let_tokens_live(usual["AccessTokenValidity"], usual["TokenValidityUnits"])


async def test_token_expired_is_refused(parley: Parley, brief: Person) -> None:
    """A token opens the HTTP API while it lives, and no longer."""

    async def status() -> int:
        return (await parley.rest.get("/users/me", headers=brief.authorization)).status_code

    assert await status() == 200
    assert await eventually(status, lambda code: code != 200) == 401


async def test_connection_whose_token_has_ended_is_told_and_closed(parley: Parley, brief: Person) -> None:
    """When the token that opened it ends, a connection's frame is answered token_expired and it closes."""
    async with parley.socket(brief) as socket:

        async def answer() -> Frame:
            return await socket.ask(ping())

        assert (await answer())["type"] == "pong"
        refusal = await eventually(answer, lambda frame: frame["type"] != "pong")
        assert (refusal["type"], refusal["code"]) == ("error", "token_expired")
        await socket.until_closed()
