"""The JWT authorizer: whether a request's token is valid, meant for this API, and wide enough in scope."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import jwt
import msgspec

from localcloud.apis.http.context import Authorized, Refusal
from localcloud.apis.http.expressions import selected
from localcloud.apis.http.keys import Keys, KeysUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jwt.types import Options

    from localcloud.apis.http.context import RequestContext
    from localcloud.apis.resources import JwtConfiguration, Route
    from localcloud.interfaces import Clock

logger = logging.getLogger(__name__)

_ALGORITHMS = ["RS256", "RS384", "RS512"]
# Times are compared with the clock of localcloud, below, not with PyJWT's.
_SIGNATURE_ONLY: Options = {
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_nbf": False,
    "verify_sub": False,
    "verify_jti": False,
}


class UnacceptableTokenError(Exception):
    """Why a token is refused; the text stands in the WWW-Authenticate header."""


class JwtAuthorizer:
    """Checks tokens as API Gateway's JWT authorizers do."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        """Verify signatures with ``keys`` and times with ``clock``."""
        self._keys = keys
        self._clock = clock

    async def authorize(self, context: RequestContext, route: Route) -> Authorized:
        """The claims of the request's token.

        Raises:
            Refusal: with the 401 or 403 that the token earns.
        """
        if route.authorizer is None:
            raise _internal_error("The route wants a JWT authorizer that is not there.")
        token = _token(context, route.authorizer.identity_source)
        if not token:
            raise _unauthorized("Bearer", "there is no token")
        try:
            claims = await self._claims(token, route.authorizer.jwt_configuration)
        except UnacceptableTokenError as error:
            description = str(error).replace('"', "'")
            challenge = f'Bearer scope="" error="invalid_token" error_description="{description}"'
            raise _unauthorized(challenge, description) from error
        except KeysUnavailableError as error:
            raise _internal_error(str(error)) from error
        scopes = route.authorization_scopes
        if scopes and not _scopes_of(claims).intersection(scopes):
            raise Refusal(403, "Forbidden", reason="the token has none of the route's scopes")
        texts = {name: _text(value) for name, value in claims.items()}
        return Authorized("jwt", {"claims": texts, "scopes": scopes or None})

    async def _claims(self, token: str, configuration: JwtConfiguration) -> Mapping[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in _ALGORITHMS:
                raise UnacceptableTokenError("the token's algorithm is not supported")
            key = await self._keys.find(configuration.issuer, header.get("kid", ""))
            if key is None:
                raise UnacceptableTokenError("the token is signed with an unknown key")
            claims = jwt.decode(token, key.key, algorithms=_ALGORITHMS, options=_SIGNATURE_ONLY)
        except jwt.InvalidTokenError as error:
            raise UnacceptableTokenError(str(error)) from error
        self._check(claims, configuration)
        return claims

    def _check(self, claims: Mapping[str, Any], configuration: JwtConfiguration) -> None:
        now = self._clock.now()
        if claims.get("iss") != configuration.issuer:
            raise UnacceptableTokenError("invalid issuer")
        audience = _texts(claims.get("aud", claims.get("client_id")))
        if not audience.intersection(configuration.audience):
            raise UnacceptableTokenError("invalid audience")
        if _seconds(claims, "exp") is None or now >= (_seconds(claims, "exp") or 0):
            raise UnacceptableTokenError("the token has expired")
        if now < (_seconds(claims, "nbf") or 0) or now < (_seconds(claims, "iat") or 0):
            raise UnacceptableTokenError("the token is not valid yet")


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    raise UnacceptableTokenError(f"the claim {name} is not a time")


def _token(context: RequestContext, identity_sources: tuple[str, ...]) -> str:
    """The token at the first identity source that has one, without ``Bearer``."""
    for source in identity_sources:
        if value := selected(source, context):
            scheme, _, token = value.partition(" ")
            return token.strip() if scheme.lower() == "bearer" and token else value
    return ""


def _scopes_of(claims: Mapping[str, Any]) -> set[str]:
    value = claims.get("scope", claims.get("scp", ""))
    return set(value.split()) if isinstance(value, str) else _texts(value)


def _texts(value: object) -> set[str]:
    """The texts in a claim: itself, or those of a list."""
    values = value if isinstance(value, list) else [value]
    return {text for text in values if isinstance(text, str)}


def _text(value: object) -> str:
    """A claim as API Gateway hands it to a function: always a string, a list as ``[a b]``."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "[" + " ".join(_text(item) for item in value) + "]"
    return msgspec.json.encode(value).decode()


def _unauthorized(challenge: str, reason: str) -> Refusal:
    header = (b"www-authenticate", challenge.encode("latin-1", "replace"))
    return Refusal(401, "Unauthorized", header, reason=reason)


def _internal_error(reason: str) -> Refusal:
    logger.warning("A request could not be authorized: %s", reason)
    return Refusal(500, "Internal Server Error", reason=reason)
