"""What users sign in with: the Cognito user pool."""

from __future__ import annotations

from typing import Any


class UserPool:
    """Serves `ports.Accounts`."""

    def __init__(self, client: Any, user_pool_id: str) -> None:  # noqa: ANN401 - see sdk.cognito
        """Use the user pool with this id."""
        self._client = client
        self._user_pool_id = user_pool_id

    def sign_out(self, username: str) -> None:
        """End every session of the user: no refresh token is good any more."""
        self._client.admin_user_global_sign_out(UserPoolId=self._user_pool_id, Username=username)
