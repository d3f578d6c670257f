"""Real users of the stack's Cognito user pool, each made for one test and deleted after it."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import jwt

from harness.users import make_password

if TYPE_CHECKING:
    from harness.users import UserPool


@dataclass(frozen=True, slots=True)
class Person:
    """A confirmed user who is signed in."""

    username: str
    user_id: str
    """The `sub` of the user's tokens: who Parley says sent a message."""
    password: str = field(repr=False)
    access_token: str = field(repr=False)

    @property
    def authorization(self) -> dict[str, str]:
        """The header that says to the HTTP API who asks."""
        return {"Authorization": f"Bearer {self.access_token}"}


class People:
    """Makes users and signs them in, and deletes them again."""

    def __init__(self, pool: UserPool) -> None:
        """Work on a user pool."""
        self._pool = pool
        self._usernames: list[str] = []

    def join(self, name: str) -> Person:
        """Make a new user whose username starts with the name, and sign them in with their password.

        An administrator makes them, without a mail: AWS mails 50 codes a day, and a run has more users.
        """
        username, password = _unique(name), make_password()
        self._pool.cognito.admin_create_user(
            UserPoolId=self._pool.user_pool_id,
            Username=username,
            UserAttributes=[{"Name": "email", "Value": f"{username}@example.com"}],
            MessageAction="SUPPRESS",
        )
        self._pool.set_password(username, password)
        return self._welcome(username, password)

    def sign_up(self, name: str) -> Person:
        """Have a new user sign up by themselves, be confirmed, and sign in with their password."""
        username, password = _unique(name), make_password()
        self._pool.sign_up(username, password)
        return self._welcome(username, password)

    def sign_in(self, username: str, password: str) -> str:
        """Sign a user in with the password; give the access token."""
        return self._pool.sign_in(username, password).access_token

    def leave(self) -> None:
        """Delete everyone who was made, and has not had their account deleted."""
        cognito = self._pool.cognito
        for username in self._usernames:
            with suppress(cognito.exceptions.UserNotFoundException):
                cognito.admin_delete_user(UserPoolId=self._pool.user_pool_id, Username=username)

    def _welcome(self, username: str, password: str) -> Person:
        self._usernames.append(username)
        token = self.sign_in(username, password)
        return Person(username, str(claims(token)["sub"]), password, token)


def _unique(name: str) -> str:
    return f"{name}-{secrets.token_hex(6)}"


def claims(token: str) -> dict[str, object]:
    """Read a JWT's claims without verifying them."""
    return dict(jwt.decode(token, options={"verify_signature": False}))
