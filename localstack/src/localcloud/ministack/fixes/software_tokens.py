"""User pools: an authenticator app signs in without the password, and counts before its user wants it to.

Faults: MiniStack takes a code without the session that the password was answered with, takes the same code
again, enables the factor as soon as a code is verified, takes it as preferred where none was verified (any
code is right then), and gives secrets where the pool has no second factor, and to nobody.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-totp.html
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import error_response_json
from ministack.services import cognito

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Json = dict[str, Any]
    Handler = Callable[[Mapping[str, Any]], Any]

_CHALLENGE: Final = "SOFTWARE_TOKEN_MFA"
_OK: Final = 200
_STEP: Final = 30
"""Seconds that a code is shown for (RFC 6238)."""
_LAST_USE: Final = "_totp_last_use"
"""Where a user has the secret and the step of the code that was used last."""


def _refused(code: str, message: str) -> Any:  # noqa: ANN401 - MiniStack is untyped
    return error_response_json(code, message, 400)


def _with_session(password_result: Callable[..., Any]) -> Callable[..., Any]:
    """Remember whose password a challenge answers."""

    def answer(pool: Json, pool_id: str, client_id: str, user: Json, *rest: object, **named: object) -> Any:  # noqa: ANN401
        answered = password_result(pool, pool_id, client_id, user, *rest, **named)
        told = json.loads(answered[2])
        if told.get("ChallengeName") == _CHALLENGE:
            token, session = cognito._create_challenge_session(pool_id, client_id, user["Username"])  # noqa: SLF001
            cognito._challenge_sessions.pop(token)  # noqa: SLF001
            cognito._challenge_sessions[told["Session"]] = {**session, "challenge": _CHALLENGE}  # noqa: SLF001
        return answered

    return answer


def _by_session(respond: Handler) -> Handler:
    """A code is asked of whose password was right, within some minutes, once."""

    def answer(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack is untyped
        if data.get("ChallengeName") != _CHALLENGE:
            return respond(data)
        token = data.get("Session") or ""
        session = cognito._get_challenge_session(token)[0] or {}  # noqa: SLF001
        pool = cognito._user_pools.get(session.get("pool_id", "")) or {}  # noqa: SLF001
        responses = data.get("ChallengeResponses") or {}
        user = cognito._resolve_user(pool, responses.get("USERNAME"))[0] if pool else None  # noqa: SLF001
        known = (_CHALLENGE, data.get("ClientId"), (user or {}).get("Username"))
        if user is None or (session.get("challenge"), session["client_id"], session["username"]) != known:
            return _refused("NotAuthorizedException", "Invalid session for the user.")
        code = responses.get("SOFTWARE_TOKEN_MFA_CODE", "")
        answered = _once(user, user.get("_totp_secret", ""), code, lambda: respond(data))
        if answered[0] == _OK:
            cognito._challenge_sessions.pop(token)  # noqa: SLF001
        return answered

    return answer


def _once(user: Json, secret: str, code: str, use: Callable[[], Any]) -> Any:  # noqa: ANN401 - MiniStack is untyped
    """Use a code of a secret, unless it or a later one was used."""
    now = int(time.time() // _STEP)
    steps = [now + near for near in (-1, 0, 1) if secret and cognito._totp_code(secret, near) == code]  # noqa: SLF001
    used_secret, used_step = user.get(_LAST_USE, ("", 0))
    if steps and secret == used_secret and steps[-1] <= used_step:
        return _refused("ExpiredCodeException", "Your software token has already been used once.")
    answer = use()
    if answer[0] == _OK and steps:
        user[_LAST_USE] = (secret, steps[-1])
    return answer


def _to_users_of_such_pools(associate: Handler) -> Handler:
    def answer(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack is untyped
        user, pool = cognito._user_pool_for_access_token(data.get("AccessToken"))  # noqa: SLF001
        if user is None:
            return _refused("NotAuthorizedException", "Invalid Access Token")
        if pool.get("MfaConfiguration", "OFF") == "OFF":
            return _refused(
                "SoftwareTokenMFANotFoundException",
                "Software Token MFA has not been enabled by the userPool",
            )
        return associate(data)

    return answer


def _without_enabling(verify: Handler) -> Handler:
    def answer(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack is untyped
        user, _ = cognito._user_pool_for_access_token(data.get("AccessToken"))  # noqa: SLF001
        if user is None:
            return verify(data)
        before = {
            "_mfa_enabled": [*user.get("_mfa_enabled", [])],
            "_preferred_mfa": user.get("_preferred_mfa", ""),
        }
        secret = user.get("_totp_pending_secret") or user.get("_totp_secret", "")
        answered = _once(user, secret, data.get("UserCode", ""), lambda: verify(data))
        user.update(before)
        return answered

    return answer


def _once_verified(user_of: Callable[[Mapping[str, Any]], Json | None]) -> Callable[[Handler], Handler]:
    def replacement(prefer: Handler) -> Handler:
        def answer(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack is untyped
            user = user_of(data)
            wanted = (data.get("SoftwareTokenMfaSettings") or {}).get("Enabled")
            if user is not None and wanted and not user.get("_totp_secret"):
                return _refused("InvalidParameterException", "User has not verified software token mfa")
            return prefer(data)

        return answer

    return replacement


def _user_of_token(data: Mapping[str, Any]) -> Json | None:
    user: Json | None = cognito._user_pool_for_access_token(data.get("AccessToken"))[0]  # noqa: SLF001
    return user


def _user_of_administrator(data: Mapping[str, Any]) -> Json | None:
    pool = cognito._user_pools.get(data.get("UserPoolId"))  # noqa: SLF001
    user: Json | None = cognito._resolve_user(pool, data.get("Username"))[0] if pool else None  # noqa: SLF001
    return user


FIX = Fix(
    Patch(cognito, "_password_auth_result", _with_session),
    Patch(cognito, "_respond_to_auth_challenge", _by_session),
    Patch(cognito, "_admin_respond_to_auth_challenge", _by_session),
    Patch(cognito, "_associate_software_token", _to_users_of_such_pools),
    Patch(cognito, "_verify_software_token", _without_enabling),
    Patch(cognito, "_set_user_mfa_preference", _once_verified(_user_of_token)),
    Patch(cognito, "_admin_set_user_mfa_preference", _once_verified(_user_of_administrator)),
)
