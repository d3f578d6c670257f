"""The two users that every local stack has, so that two terminals can chat at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx
import msgspec

from harness.errors import HarnessError
from harness.users import UserPool, make_password

if TYPE_CHECKING:
    from pathlib import Path

NAMES: Final = ("alice", "bob")


def ensure_demo_users(pool: UserPool, file: Path) -> dict[str, str]:
    """Make the demo users exist, and sign them in.

    Args:
        pool: the stack's user pool.
        file: where their passwords are; made where it is missing, readable to its owner only.

    Returns:
        Their access tokens by their names.

    Raises:
        HarnessError: the file cannot be read, or the stack takes no passwords.
    """
    passwords = _passwords(file)
    return {name: _sign_in(pool, name, password) for name, password in passwords.items()}


def introduce(http_api_url: str, access_tokens: dict[str, str]) -> None:
    """Make users known to each other: a profile comes into being at its user's first call.

    Raises:
        HarnessError: the HTTP API refuses the call.
    """
    with httpx.Client(base_url=http_api_url, timeout=30, trust_env=False) as rest:
        for name, token in access_tokens.items():
            profile = rest.get("/users/me", headers={"Authorization": f"Bearer {token}"})
            if not profile.is_success:
                raise HarnessError(f"GET /users/me refuses {name} ({profile.status_code}): {profile.text}")


def _sign_in(pool: UserPool, name: str, password: str) -> str:
    """Sign in; sign up first where there is no such user, set the password where another one is set."""
    try:
        pool.sign_up(name, password)
    except pool.cognito.exceptions.UsernameExistsException:
        try:
            return pool.sign_in(name, password).access_token
        except pool.cognito.exceptions.NotAuthorizedException:
            pool.set_password(name, password)
    return pool.sign_in(name, password).access_token


def _passwords(file: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        passwords = {name: make_password() for name in NAMES}
    except msgspec.DecodeError as fault:
        raise HarnessError(f"{file} cannot be read ({fault}): delete it, `up` makes it anew.") from fault
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.encode(passwords))
    return passwords
