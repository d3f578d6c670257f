"""Users of a deployed stack: signed up, confirmed and signed in through Cognito."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import HarnessError

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient
    from types_boto3_cognito_idp.type_defs import AttributeTypeTypeDef

    from harness.outputs import Outputs
    from harness.targets import Target


@dataclass(frozen=True, slots=True)
class Tokens:
    """What signing in gives."""

    access_token: str
    refresh_token: str


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
        result = answer["AuthenticationResult"]
        return Tokens(result["AccessToken"], result["RefreshToken"])

    def set_password(self, username: str, password: str) -> None:
        """Give a user a new password as an administrator."""
        self.cognito.admin_set_user_password(
            UserPoolId=self.user_pool_id, Username=username, Password=password, Permanent=True
        )


def make_password() -> str:
    """Make a random password of the user pool's policy: long, with both cases and digits."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    letters = [secrets.choice(kind) for kind in kinds]
    letters += [secrets.choice("".join(kinds)) for _ in range(21)]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)
