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

    def delete(self, user_id: str) -> None:
        """Let the user sign in no more; one who is gone already is passed over.

        By the `sub`, which the pool takes as a username: the name may be another user's by now.
        """
        try:
            self._client.admin_delete_user(UserPoolId=self._user_pool_id, Username=user_id)
        except self._client.exceptions.UserNotFoundException:
            return
