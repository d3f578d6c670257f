"""Users of a deployed stack: signed up, confirmed and signed in through Cognito."""

from __future__ import annotations

import secrets
import string
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from harness.errors import HarnessError

if TYPE_CHECKING:
    from pathlib import Path

    from types_boto3_cognito_idp import CognitoIdentityProviderClient
    from types_boto3_cognito_idp.type_defs import AttributeTypeTypeDef, AuthenticationResultTypeTypeDef

    from harness.outputs import Outputs
    from harness.targets import Target

DEMO_USERS: Final = ("alice", "bob")

_RENEW_BEFORE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Tokens:
    """What signing in gives."""

    access_token: str
    refresh_token: str
    expires_at: float
    """When the access token ends, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class UserPool:
    """A stack's user pool, as its administrator and as its users use it."""

    cognito: CognitoIdentityProviderClient
    user_pool_id: str
    client_id: str

    @classmethod
    def of(cls, target: Target, outputs: Outputs) -> UserPool:
        """The user pool of a deployed stack."""
        cognito = target.session().client("cognito-idp", endpoint_url=target.endpoint_url)
        return cls(cognito, outputs.user_pool_id, outputs.user_pool_client_id)

    def sign_up(self, username: str, password: str) -> None:
        """Sign a user up and confirm them as an administrator, whose mail nobody reads.

        Raises:
            ClientError: Cognito's own, such as UsernameExistsException or InvalidPasswordException.
        """
        email: list[AttributeTypeTypeDef] = [{"Name": "email", "Value": f"{username}@example.com"}]
        self.cognito.sign_up(
            ClientId=self.client_id, Username=username, Password=password, UserAttributes=email
        )
        self.cognito.admin_confirm_sign_up(UserPoolId=self.user_pool_id, Username=username)

    def sign_in(self, username: str, password: str) -> Tokens:
        """Sign in with a password.

        Raises:
            HarnessError: the stack does not allow it.
            ClientError: Cognito's own, such as NotAuthorizedException.
        """
        try:
            answer = self.cognito.initiate_auth(
                ClientId=self.client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": username, "PASSWORD": password},
            )
        except self.cognito.exceptions.InvalidParameterException as refused:
            raise HarnessError(
                "This stack does not take passwords at sign-in: deploy it with PasswordSignIn=enabled."
            ) from refused
        return _tokens(answer["AuthenticationResult"])

    def renew(self, tokens: Tokens) -> Tokens:
        """Give tokens that last at least another minute; ClientError when the refresh token has ended."""
        if time.time() < tokens.expires_at - _RENEW_BEFORE_SECONDS:
            return tokens
        answer = self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": tokens.refresh_token},
        )
        return _tokens(answer["AuthenticationResult"], tokens.refresh_token)

    def set_password(self, username: str, password: str) -> None:
        """Give a user a new password as an administrator."""
        self.cognito.admin_set_user_password(
            UserPoolId=self.user_pool_id, Username=username, Password=password, Permanent=True
        )


def ensure_demo_users(pool: UserPool, file: Path) -> None:
    """Make the demo users exist with the passwords in the file, which is made, readable to its owner only."""
    passwords = _read_passwords(file) or {name: make_password() for name in DEMO_USERS}
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.encode(passwords))
    for username, password in passwords.items():
        try:
            pool.sign_up(username, password)
        except pool.cognito.exceptions.UsernameExistsException:
            _ensure_password(pool, username, password)


def demo_password(file: Path, username: str) -> str:
    """A demo user's password; HarnessError when there is no such demo user."""
    passwords = _read_passwords(file)
    if passwords is None:
        raise HarnessError("There are no demo users yet: `nox -s up` makes them.")
    if username not in passwords:
        raise HarnessError(f"There is no demo user {username!r}: choose one of {', '.join(passwords)}.")
    return passwords[username]


def make_password() -> str:
    """Make a random password of the user pool's policy: long, with both cases and digits."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    letters = [secrets.choice(kind) for kind in kinds]
    letters += [secrets.choice("".join(kinds)) for _ in range(21)]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def _ensure_password(pool: UserPool, username: str, password: str) -> None:
    """Where another password is set, as after .localcloud/demo-users.json was lost, set this one."""
    try:
        pool.sign_in(username, password)
    except pool.cognito.exceptions.NotAuthorizedException:
        pool.set_password(username, password)


def _read_passwords(file: Path) -> dict[str, str] | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as fault:
        raise HarnessError(
            f"{file} cannot be read ({fault}): delete it, `nox -s up` makes it anew."
        ) from fault


def _tokens(result: AuthenticationResultTypeTypeDef, refresh_token: str = "") -> Tokens:
    return Tokens(
        access_token=result["AccessToken"],
        refresh_token=result.get("RefreshToken", refresh_token),
        expires_at=time.time() + result["ExpiresIn"],
    )
