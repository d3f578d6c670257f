"""A user's second factor, an authenticator app: when it counts, and that it counts beside the password.

When the ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from e2e.support.authenticator import Authenticator

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws, Json

PASSWORD = "Correct-Horse-2026"  # noqa: S105 - of a user who lives as long as the test
FACTOR = "SOFTWARE_TOKEN_MFA"
WANTED = {"SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}}


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a test takes, a code is the one of its step."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)


@dataclass(frozen=True, slots=True)
class Pool:
    """A user pool with a client, and ann, whose password is known."""

    aws: InProcessAws
    pool_id: str
    client_id: str

    @classmethod
    async def create(cls, aws: InProcessAws, mfa: str = "OPTIONAL") -> Pool:
        """Create it, with ann in it."""
        created = await _call(aws, "CreateUserPool", PoolName="second-factor", MfaConfiguration=mfa)
        pool_id = created["UserPool"]["Id"]
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        client = await _call(
            aws, "CreateUserPoolClient", UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=flows
        )
        pool = cls(aws, pool_id, client["UserPoolClient"]["ClientId"])
        await pool.call("SignUp", Username="ann", Password=PASSWORD, ClientId=pool.client_id)
        await pool.call("AdminConfirmSignUp", Username="ann", UserPoolId=pool_id)
        return pool

    async def call(self, action: str, **body: object) -> Json:
        """Call the API of user pools; what is refused is answered as well."""
        return await _call(self.aws, action, **body)

    async def sign_in(self) -> Json:
        """Give ann's password: tokens, or a challenge."""
        known = {"USERNAME": "ann", "PASSWORD": PASSWORD}
        return await self.call(
            "InitiateAuth", ClientId=self.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=known
        )

    async def respond(self, session: str, code: str) -> Json:
        """Answer a challenge with a code."""
        responses = {"USERNAME": "ann", "SOFTWARE_TOKEN_MFA_CODE": code}
        return await self.call(
            "RespondToAuthChallenge",
            ClientId=self.client_id,
            ChallengeName=FACTOR,
            ChallengeResponses=responses,
            Session=session,
        )

    async def token(self) -> str:
        """Sign ann in with the password alone; give the access token."""
        token: str = (await self.sign_in())["AuthenticationResult"]["AccessToken"]
        return token

    async def set_up(self) -> Authenticator:
        """Set ann's second factor up; give the app that has it, whose first code is used."""
        token = await self.token()
        secret = (await self.call("AssociateSoftwareToken", AccessToken=token))["SecretCode"]
        app = Authenticator(secret)
        verified = await self.call("VerifySoftwareToken", AccessToken=token, UserCode=app.code())
        assert verified["Status"] == "SUCCESS"
        assert "AuthenticationResult" in await self.sign_in(), "it counts before its user wants it to"
        assert await self.call("SetUserMFAPreference", AccessToken=token, **WANTED) == {}
        told = await self.call("GetUser", AccessToken=token)
        assert (told["UserMFASettingList"], told["PreferredMfaSetting"]) == ([FACTOR], FACTOR)
        return app


async def _call(aws: InProcessAws, action: str, **body: object) -> Json:
    return await aws.target("cognito-idp", f"AWSCognitoIdentityProviderService.{action}", body)


def refusal(answer: Json) -> str:
    """What an answer refuses with."""
    return str(answer["__type"]).rpartition("#")[2]


async def test_user_with_an_authenticator_signs_in_by_password_and_code(aws: InProcessAws) -> None:
    """A wrong code may be followed by the right one; the session that it answers ends with it."""
    pool = await Pool.create(aws)
    app = await pool.set_up()
    asked = await pool.sign_in()
    assert (asked["ChallengeName"], asked.get("AuthenticationResult")) == (FACTOR, None)
    code = app.code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert refusal(await pool.respond(asked["Session"], wrong)) == "CodeMismatchException"
    assert "AccessToken" in (await pool.respond(asked["Session"], code))["AuthenticationResult"]
    assert refusal(await pool.respond(asked["Session"], code)) == "NotAuthorizedException"


async def test_code_without_a_password_or_for_the_second_time_signs_nobody_in(aws: InProcessAws) -> None:
    """Who has seen a code has seen one that was used."""
    pool = await Pool.create(aws)
    app = await pool.set_up()
    code = app.code()
    assert refusal(await pool.respond("guessed", code)) == "NotAuthorizedException"
    asked, again = await pool.sign_in(), await pool.sign_in()
    assert "AuthenticationResult" in await pool.respond(asked["Session"], code)
    assert refusal(await pool.respond(again["Session"], code)) == "ExpiredCodeException"


async def test_second_factor_that_nobody_has_verified_cannot_be_preferred(aws: InProcessAws) -> None:
    """Neither by its user, nor by an administrator; and another token's secret is nobody's."""
    pool = await Pool.create(aws)
    token = await pool.token()
    of_user = await pool.call("SetUserMFAPreference", AccessToken=token, **WANTED)
    named = {"UserPoolId": pool.pool_id, "Username": "ann"}
    of_administrator = await pool.call("AdminSetUserMFAPreference", **named, **WANTED)
    assert [refusal(of_user), refusal(of_administrator)] == ["InvalidParameterException"] * 2
    assert refusal(await pool.call("AssociateSoftwareToken")) == "NotAuthorizedException"


async def test_pool_without_a_second_factor_gives_no_secret(aws: InProcessAws) -> None:
    """A page that offers one there is wrong."""
    pool = await Pool.create(aws, "OFF")
    refused = await pool.call("AssociateSoftwareToken", AccessToken=await pool.token())
    assert refusal(refused) == "SoftwareTokenMFANotFoundException"


async def test_second_factor_that_is_removed_is_asked_for_no_longer(aws: InProcessAws) -> None:
    """By an administrator, for whom has lost the app."""
    pool = await Pool.create(aws)
    await pool.set_up()
    named = {"UserPoolId": pool.pool_id, "Username": "ann"}
    off = {"SoftwareTokenMfaSettings": {"Enabled": False}}
    assert await pool.call("AdminSetUserMFAPreference", **named, **off) == {}
    assert "AuthenticationResult" in await pool.sign_in()


async def test_second_factor_unfixed_signs_in_without_the_password(aws: InProcessAws) -> None:
    """MiniStack alone takes a code for a password."""
    from localcloud.ministack.fixes import software_tokens  # noqa: PLC0415

    pool = await Pool.create(aws)
    app = await pool.set_up()
    with software_tokens.FIX.undone():
        assert "AuthenticationResult" in await pool.respond("guessed", app.code())
