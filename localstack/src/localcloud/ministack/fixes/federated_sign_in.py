"""User pools: whatever comes back from an identity provider signs in.

Faults: MiniStack does not look at an ID token's signature, issuer, audience or times, sends no nonce, takes a
federated sign-in's code without the verifier that belongs to its challenge (RFC 7636), knows OpenID providers
but not Google, and leaves the browser at an error in JSON. Here tokens are verified (OpenID Connect Core,
3.1.3.7), what fails is told to the app, at its own address, and LOCALCLOUD_GOOGLE_ISSUER says who Google is.
https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoint-idp-responses.html
"""

from __future__ import annotations

import json
import os
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from ministack.services import cognito

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Answer = tuple[int, dict[str, str], bytes]

GOOGLE = "https://accounts.google.com"
_ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
_KEYS_TIMEOUT = 5
"""Seconds."""
_FOUND = 302


class _Unacceptable(ValueError):  # noqa: N818 - MiniStack expects a ValueError of what cannot be decoded
    """An ID token is not what was asked for; why stands in the text."""


@dataclass(frozen=True, slots=True)
class _Expected:
    """Whose ID token it has to be, for whom, in answer to what."""

    details: Mapping[str, str]
    nonce: str


_EXPECTED: ContextVar[_Expected | None] = ContextVar("expected", default=None)


class _Pool(dict[str, Any]):
    """A user pool whose provider Google is an OpenID provider; what is set goes to the pool itself."""

    def __init__(self, pool: dict[str, Any]) -> None:
        super().__init__(pool)
        self.whole = pool
        providers = pool.get("_identity_providers", {})
        super().__setitem__("_identity_providers", {name: _as_openid(one) for name, one in providers.items()})

    def __setitem__(self, key: str, value: object) -> None:
        super().__setitem__(key, value)
        self.whole[key] = value

    def setdefault(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - MiniStack is untyped
        """Set it in the pool itself, too."""
        return super().setdefault(key, self.whole.setdefault(key, default))


def _type_of_whole(type_of: Callable[..., str]) -> Callable[..., str]:
    return lambda pool, name: type_of(getattr(pool, "whole", pool), name)


def _as_openid(provider: dict[str, Any]) -> dict[str, Any]:
    if provider.get("ProviderType") != "Google":
        return provider
    issuer = os.environ.get("LOCALCLOUD_GOOGLE_ISSUER", GOOGLE)
    return {
        **provider,
        "ProviderType": "OIDC",
        "ProviderDetails": {**provider["ProviderDetails"], "oidc_issuer": issuer},
    }


def _with_google(find: Callable[..., Any]) -> Callable[..., Any]:
    def find_pool(pool_id: str) -> Any:  # noqa: ANN401 - MiniStack is untyped
        pool = find(pool_id)
        return None if pool is None else _Pool(pool)

    return find_pool


def _with_google_of_client(find: Callable[..., Any]) -> Callable[..., Any]:
    def find_client(client_id: str) -> Any:  # noqa: ANN401 - MiniStack is untyped
        pool_id, pool, client = find(client_id)
        return pool_id, None if pool is None else _Pool(pool), client

    return find_client


def _authorize(authorize: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    def authorize_with_nonce(query: Mapping[str, Any]) -> Answer:
        status, headers, body = authorize(query)
        location = headers.get("Location", "")
        asked = dict(parse_qsl(urlsplit(location).query))
        relay = cognito._auth_codes.get(asked.get("state", ""))  # noqa: SLF001
        if status != _FOUND or relay is None:
            return status, headers, body
        challenge, method = (cognito._qp(query, f"code_challenge{kind}") for kind in ("", "_method"))  # noqa: SLF001
        refused: Answer | None = cognito._pkce_error_redirect(  # noqa: SLF001
            relay["redirect_uri"], challenge, method, relay["state"]
        )
        if refused is not None:
            return refused
        relay |= {"code_challenge": challenge, "provider_nonce": secrets.token_urlsafe(24)}
        return status, {**headers, "Location": f"{location}&nonce={relay['provider_nonce']}"}, body

    return authorize_with_nonce


def _answer_of_provider(respond: Callable[..., Answer]) -> Callable[..., Answer]:
    def respond_verified(method: str, body: bytes, query: Mapping[str, Any]) -> Answer:
        form = dict(parse_qsl(body.decode("utf-8", "replace"))) if method == "POST" else {}
        told = {**form, **{name: cognito._qp(query, name) for name in query}}  # noqa: SLF001
        relay = cognito._auth_codes.get(told.get("state", ""))  # noqa: SLF001
        if relay is None or relay.get("type") != "relay":
            return respond(method, body, query)
        if "error" in told:
            cognito._auth_codes.pop(told["state"], None)  # noqa: SLF001
            return _failed(relay, told["error"], told.get("error_description", ""))
        expecting = _EXPECTED.set(_expected(relay))
        try:
            answer = respond(method, body, query)
        finally:
            _EXPECTED.reset(expecting)
        if answer[0] != _FOUND:
            return _failed(relay, "invalid_request", json.loads(answer[2]).get("message", ""))
        code = dict(parse_qsl(urlsplit(answer[1]["Location"]).query))["code"]
        cognito._auth_codes[code]["code_challenge"] = relay.get("code_challenge", "")  # noqa: SLF001
        return answer

    return respond_verified


def _expected(relay: Mapping[str, str]) -> _Expected:
    providers = cognito._get_pool_unscoped(relay["pool_id"])["_identity_providers"]  # noqa: SLF001
    details = providers.get(relay["provider_name"], {}).get("ProviderDetails", {})
    return _Expected(details, relay.get("provider_nonce", ""))


def _failed(relay: Mapping[str, str], error: str, description: str) -> Answer:
    """Send the browser back to the app, which tells the user."""
    told = {"error": error, "error_description": description, "state": relay["state"]}
    query = urlencode({name: value for name, value in told.items() if value})
    address = relay["redirect_uri"]
    return _FOUND, {"Location": f"{address}{'&' if '?' in address else '?'}{query}"}, b""


def _decode(decode: Callable[[str], Any]) -> Callable[[str], Any]:
    def decode_verified(token: str) -> Any:  # noqa: ANN401 - MiniStack is untyped
        expected = _EXPECTED.get()
        return decode(token) if expected is None else _verified(token, expected)

    return decode_verified


def _verified(token: str, expected: _Expected) -> dict[str, Any]:
    """The claims of an ID token of the provider, for this client, good now, asked for; or _Unacceptable."""
    details = expected.details
    keys = jwt.PyJWKClient(cognito._oidc_endpoint(details, "jwks_uri"), timeout=_KEYS_TIMEOUT)  # noqa: SLF001
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            keys.get_signing_key_from_jwt(token),
            algorithms=_ALGORITHMS,
            audience=details.get("client_id", ""),
            issuer=details.get("oidc_issuer", ""),
            options={"require": ["exp", "iat", "sub"]},
        )
    except jwt.PyJWTError as fault:
        raise _Unacceptable(str(fault)) from fault
    if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), expected.nonce.encode()):
        raise _Unacceptable("the nonce is not the one that was sent")
    return claims


def _by_verifier(token: Callable[..., Any]) -> Callable[..., Any]:
    def answer(
        data: object, query: object, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Any:  # noqa: ANN401 - MiniStack is untyped
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        entry = cognito._auth_codes.get(form.get("code", ""), {})  # noqa: SLF001
        if entry.get("type") == "code" and not _belongs(form, entry):
            return cognito._oauth2_error("invalid_grant", "The code is for another address or verifier.")  # noqa: SLF001
        return token(data, query, body, headers)

    return answer


def _belongs(form: Mapping[str, str], entry: Mapping[str, str]) -> bool:
    challenge = entry.get("code_challenge", "")
    proven = not challenge or cognito._verify_pkce(form.get("code_verifier", ""), challenge, "S256")  # noqa: SLF001
    return proven and form.get("redirect_uri") == entry["redirect_uri"]


FIX = Fix(
    Patch(cognito, "_get_pool_unscoped", _with_google),
    Patch(cognito, "_find_pool_by_client_id", _with_google_of_client),
    Patch(cognito, "_provider_type_for", _type_of_whole),
    Patch(cognito, "_oauth2_authorize_federation", _authorize),
    Patch(cognito, "_oauth2_idp_response", _answer_of_provider),
    Patch(cognito, "_decode_id_token_unverified", _decode),
    Patch(cognito._OIDC_DISCOVERED_ENDPOINTS, "jwks_uri", lambda _: "jwks_uri"),  # noqa: SLF001
    Patch(cognito, "_oauth2_token", _by_verifier),
)
