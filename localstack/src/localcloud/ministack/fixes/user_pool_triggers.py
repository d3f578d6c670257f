"""A user pool's triggers fire when Cognito's do, and what they refuse is refused with Cognito's errors.

MiniStack never invokes PreAuthentication, PostAuthentication and PostConfirmation, nor PreSignUp for users
whom an administrator creates. It asks no function's policy, tells a trigger's error as Python prints it, goes
on without what PreTokenGeneration fails to answer, asks that once for each token, and leaves an address
unverified that a code was sent to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.services import cognito, lambda_svc

from localcloud.ministack import triggers
from localcloud.ministack.patch import Fix, Patch
from localcloud.ministack.triggers import Json, Operation, TriggerError, event

if TYPE_CHECKING:
    from collections.abc import Callable

    Handler = Callable[[Json], Any]

_SIGN_IN_FLOWS: Final = frozenset(
    {"USER_PASSWORD_AUTH", "USER_SRP_AUTH", "CUSTOM_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}
)
_SIGN_INS: Final = frozenset(
    {"TokenGeneration_Authentication", "TokenGeneration_NewPasswordChallenge", "TokenGeneration_HostedAuth"}
)
_OK: Final = 200


def _metadata(data: Json) -> Json:
    """The call's metadata as triggers get it: not at all where the caller gave none."""
    return {"clientMetadata": data["ClientMetadata"]} if data.get("ClientMetadata") else {}


def _pool_and_user(data: Json) -> tuple[Json, Json] | None:
    """The pool and the user that a call is about; None where one is missing."""
    pool_id = data.get("UserPoolId")
    pool = cognito._user_pools.get(pool_id) if pool_id else cognito._pool_for_client(data.get("ClientId"))[0]  # noqa: SLF001
    if not pool:
        return None
    username = data.get("Username") or (data.get("AuthParameters") or {}).get("USERNAME")
    user = cognito._resolve_user(pool, username)[0] if username else None  # noqa: SLF001
    return (pool, user) if user else None


def _answering(run: Callable[..., Any]) -> Callable[..., Any]:
    """Whatever became of a call one of whose triggers failed, the failure is the answer."""

    def run_handler(handler: Handler, action: str, data: Json) -> Any:  # noqa: ANN401 - MiniStack is untyped
        current = Operation(data)
        token = triggers.operation.set(current)
        try:
            answer = run(handler, action, data)
        except cognito._PreSignUpRejected as refused:  # noqa: SLF001
            answer = TriggerError("UserLambdaValidationException", str(refused)).answer()
        finally:
            triggers.operation.reset(token)
        return answer if current.failure is None else current.failure.answer()

    return run_handler


def _answering_as_oauth2(token: Callable[..., Any]) -> Callable[..., Any]:
    def oauth2_token(*arguments: object) -> Any:  # noqa: ANN401 - MiniStack is untyped
        current = Operation({})
        reset = triggers.operation.set(current)
        try:
            answer = token(*arguments)
        except TriggerError:
            answer = None
        finally:
            triggers.operation.reset(reset)
        if current.failure is None:
            return answer
        return cognito._oauth2_error("invalid_request", current.failure.message)  # noqa: SLF001

    return oauth2_token


def _as(trigger: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """What a function of MiniStack invokes is invoked as that trigger."""

    def replacement(apply: Callable[..., Any]) -> Callable[..., Any]:
        def apply_trigger(*arguments: object, **named: object) -> Any:  # noqa: ANN401 - MiniStack is untyped
            with triggers.invoking(trigger):
                return apply(*arguments, **named)

        return apply_trigger

    return replacement


def _confirming(source: str, *, verifies: bool) -> Callable[[Handler], Handler]:
    """Invoke PostConfirmation after a call that confirms, by a code sent to an address or without."""

    def replacement(confirm: Handler) -> Handler:
        def confirm_and_tell(data: Json) -> Any:  # noqa: ANN401 - MiniStack is untyped
            answer = confirm(data)
            found = _pool_and_user(data)
            if answer[0] == _OK and found is not None:
                if verifies:
                    _verify(*found)
                _post_confirmation(*found, source, data)
            return answer

        return confirm_and_tell

    return replacement


def _verify(pool: Json, user: Json) -> None:
    attributes = cognito._attr_list_to_dict(user["Attributes"])  # noqa: SLF001
    for name in pool.get("AutoVerifiedAttributes") or []:
        if name in attributes:
            attributes[f"{name}_verified"] = "true"
    user["Attributes"] = cognito._dict_to_attr_list(attributes)  # noqa: SLF001


def _post_confirmation(pool: Json, user: Json, source: str, data: Json) -> None:
    told = event(source, pool, user, data.get("ClientId"), **_metadata(data))
    triggers.invoke("PostConfirmation", pool, told)


def _signing_up(sign_up: Handler) -> Handler:
    """Invoke PostConfirmation for those whom PreSignUp has confirmed."""

    def sign_up_and_tell(data: Json) -> Any:  # noqa: ANN401 - MiniStack is untyped
        answer = sign_up(data)
        found = _pool_and_user(data)
        if answer[0] == _OK and found is not None and found[1]["UserStatus"] == "CONFIRMED":
            _post_confirmation(*found, "PostConfirmation_ConfirmSignUp", data)
        return answer

    return sign_up_and_tell


def _creating_user(create: Handler) -> Handler:
    """Invoke PreSignUp for those whom an administrator creates."""

    def admin_create_user(data: Json) -> Any:  # noqa: ANN401 - MiniStack is untyped
        pool = cognito._user_pools.get(data.get("UserPoolId"))  # noqa: SLF001
        if pool and _pool_and_user(data) is None:
            attributes = cognito._attr_list_to_dict(data.get("UserAttributes") or [])  # noqa: SLF001
            cognito._apply_presignup_trigger(  # noqa: SLF001
                pool["Id"],
                "CLIENT_ID_NOT_APPLICABLE",
                data.get("Username"),
                attributes,
                trigger_source="PreSignUp_AdminCreateUser",
            )
        return create(data)

    return admin_create_user


def _initiating(initiate: Handler) -> Handler:
    """Invoke PreAuthentication before the password is looked at."""

    def initiate_auth(data: Json) -> Any:  # noqa: ANN401 - MiniStack is untyped
        found = _pool_and_user(data) if data.get("AuthFlow") in _SIGN_IN_FLOWS else None
        if found is not None:
            pool, user = found
            if user.get("Enabled", True) and user["UserStatus"] != "UNCONFIRMED":
                validation = data.get("ClientMetadata") or None
                source = "PreAuthentication_Authentication"
                asked = event(source, pool, user, data.get("ClientId"), validationData=validation)
                triggers.invoke("PreAuthentication", pool, asked)
        return initiate(data)

    return initiate_auth


def _signing_in(build: Callable[..., Any]) -> Callable[..., Any]:
    """Invoke PostAuthentication before tokens are made, and PreTokenGeneration once for them."""

    def build_auth_result(pool_id: str, client_id: str, user: Json, **named: Any) -> Any:  # noqa: ANN401
        pool = cognito._user_pools.get(pool_id)  # noqa: SLF001
        if pool and named.get("trigger_source", "TokenGeneration_Authentication") in _SIGN_INS:
            metadata = named.get("client_metadata")
            given = _metadata({"ClientMetadata": metadata})
            source = "PostAuthentication_Authentication"
            told = event(source, pool, user, client_id, newDeviceUsed=False, **given)
            triggers.invoke("PostAuthentication", pool, told)
        with triggers.making_tokens():
            return build(pool_id, client_id, user, **named)

    return build_auth_result


def _completing_pre_sign_up(build: Callable[..., Json]) -> Callable[..., Json]:
    def build_presignup_event(**named: Any) -> Json:  # noqa: ANN401 - MiniStack is untyped
        built = build(**named)
        current = triggers.operation.get()
        data = current.data if current is not None else {}
        validation = cognito._attr_list_to_dict(data.get("ValidationData") or [])  # noqa: SLF001
        request = built["request"] | {"validationData": validation or None} | _metadata(data)
        # The user does not exist yet, so it has no sub, though MiniStack has chosen one.
        request["userAttributes"] = {k: v for k, v in request["userAttributes"].items() if k != "sub"}
        return {**built, "request": request}

    return build_presignup_event


def _completing_pre_token(build: Callable[..., Json]) -> Callable[..., Json]:
    def build_pretoken_event(**named: Any) -> Json:  # noqa: ANN401 - MiniStack is untyped
        built = build(**named)
        pool = cognito._user_pools.get(named["pool_id"]) or {}  # noqa: SLF001
        user = (pool.get("_users") or {}).get(named["username"])
        if user:
            built["request"]["userAttributes"]["cognito:user_status"] = user["UserStatus"]
        return built

    return build_pretoken_event


FIX = Fix(
    Patch(lambda_svc, "_execute_function_with_config_scope", triggers.as_cognito),
    Patch(cognito, "_run_idp_handler", _answering),
    Patch(cognito, "_oauth2_token", _answering_as_oauth2),
    Patch(cognito, "_apply_presignup_trigger", _as("PreSignUp")),
    Patch(cognito, "_apply_pretoken_trigger", _as("PreTokenGeneration")),
    Patch(cognito, "_apply_custom_message_trigger", _as("CustomMessage")),
    Patch(cognito, "_build_presignup_event", _completing_pre_sign_up),
    Patch(cognito, "_build_pretoken_event", _completing_pre_token),
    Patch(cognito, "_confirm_sign_up", _confirming("PostConfirmation_ConfirmSignUp", verifies=True)),
    Patch(cognito, "_admin_confirm_sign_up", _confirming("PostConfirmation_ConfirmSignUp", verifies=False)),
    Patch(
        cognito,
        "_confirm_forgot_password",
        _confirming("PostConfirmation_ConfirmForgotPassword", verifies=False),
    ),
    Patch(cognito, "_sign_up", _signing_up),
    Patch(cognito, "_admin_create_user", _creating_user),
    Patch(cognito, "_initiate_auth", _initiating),
    Patch(cognito, "_admin_initiate_auth", _initiating),
    Patch(cognito, "_build_auth_result", _signing_in),
)
