"""The demo users: made once, found again, their passwords kept from other users of the machine."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from harness.demo_users import NAMES, ensure_demo_users
from harness.errors import HarnessError
from harness.users import UserPool, make_password

if TYPE_CHECKING:
    from pathlib import Path

    from types_boto3_cognito_idp import CognitoIdentityProviderClient


class UsernameExistsError(Exception):
    """Cognito's UsernameExistsException."""


class NotAuthorizedError(Exception):
    """Cognito's NotAuthorizedException."""


class InvalidParameterError(Exception):
    """Cognito's InvalidParameterException."""


@dataclass
class FakeCognito:
    """A user pool in memory, as far as signing up and in goes."""

    passwords: dict[str, str] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    takes_passwords: bool = True
    exceptions: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(
            UsernameExistsException=UsernameExistsError,
            NotAuthorizedException=NotAuthorizedError,
            InvalidParameterException=InvalidParameterError,
        )
    )

    def sign_up(self, Username: str, Password: str, **_: Any) -> None:  # noqa: N803
        """Take a new user."""
        if Username in self.passwords:
            raise UsernameExistsError
        self.passwords[Username] = Password

    def admin_confirm_sign_up(self, Username: str, **_: Any) -> None:  # noqa: N803
        """Confirm a user."""
        self.confirmed.add(Username)

    def admin_set_user_password(self, Username: str, Password: str, **_: Any) -> None:  # noqa: N803
        """Set a user's password."""
        self.passwords[Username] = Password

    def initiate_auth(self, AuthFlow: str, AuthParameters: dict[str, str], **_: Any) -> dict[str, Any]:  # noqa: N803
        """Sign in with a password."""
        assert AuthFlow == "USER_PASSWORD_AUTH"
        if not self.takes_passwords:
            raise InvalidParameterError
        if self.passwords.get(AuthParameters["USERNAME"]) != AuthParameters["PASSWORD"]:
            raise NotAuthorizedError
        return {
            "AuthenticationResult": {"AccessToken": "access", "RefreshToken": "refresh", "ExpiresIn": 3600}
        }


@pytest.fixture
def cognito() -> FakeCognito:
    """An empty user pool."""
    return FakeCognito()


@pytest.fixture
def pool(cognito: FakeCognito) -> UserPool:
    """The pool as the harness uses it."""
    return UserPool(cast("CognitoIdentityProviderClient", cognito), "pool", "client")


def test_ensure_demo_users_first_time_signs_them_up(
    pool: UserPool, cognito: FakeCognito, tmp_path: Path
) -> None:
    """Both exist, confirmed, with passwords that nobody else on the machine can read."""
    file = tmp_path / "demo-users.json"
    tokens = ensure_demo_users(pool, file)
    assert tokens == dict.fromkeys(NAMES, "access")
    assert cognito.confirmed == set(NAMES)
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text()) == cognito.passwords


def test_ensure_demo_users_second_time_changes_nothing(
    pool: UserPool, cognito: FakeCognito, tmp_path: Path
) -> None:
    """The users are there, so are their passwords."""
    ensure_demo_users(pool, tmp_path / "demo-users.json")
    before = dict(cognito.passwords)
    ensure_demo_users(pool, tmp_path / "demo-users.json")
    assert cognito.passwords == before


def test_ensure_demo_users_passwords_lost_sets_new_ones(
    pool: UserPool, cognito: FakeCognito, tmp_path: Path
) -> None:
    """Users whose passwords were deleted with the file can sign in again."""
    cognito.passwords = dict.fromkeys(NAMES, "forgotten")
    assert ensure_demo_users(pool, tmp_path / "demo-users.json") == dict.fromkeys(NAMES, "access")
    assert "forgotten" not in cognito.passwords.values()


def test_ensure_demo_users_file_unreadable_says_what_to_do(pool: UserPool, tmp_path: Path) -> None:
    """One sentence."""
    (tmp_path / "demo-users.json").write_text("{")
    with pytest.raises(HarnessError, match="delete it"):
        ensure_demo_users(pool, tmp_path / "demo-users.json")


def test_sign_in_where_passwords_are_off_says_which_parameter(pool: UserPool, cognito: FakeCognito) -> None:
    """As in production."""
    cognito.takes_passwords = False
    with pytest.raises(HarnessError, match="PasswordSignIn=enabled"):
        pool.sign_in("alice", "password")


def test_make_password_follows_the_user_pools_policy() -> None:
    """Long, with both cases and digits, and never the same."""
    passwords = {make_password() for _ in range(50)}
    assert len(passwords) == 50
    for password in passwords:
        assert len(password) >= 12
        assert all(re.search(kind, password) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
