"""The JWT authorizer: whether a request's token is valid, meant for this API, and wide enough in scope."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import jwt
import msgspec

from localcloud.apis.exchange import json_response
from localcloud.apis.http.keys import Keys, KeysUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jwt.types import Options

    from localcloud.apis.catalog import JwtConfiguration, Route
    from localcloud.interfaces import Clock, Request, Response

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


@dataclass(frozen=True, slots=True)
class Authorized:
    """The token is valid."""

    authorizer: Mapping[str, Any]
    """``requestContext.authorizer`` of the event."""


class UnacceptableTokenError(Exception):
    """Why a token is refused; the text stands in the WWW-Authenticate header."""


class JwtAuthorizer:
    """Checks tokens as API Gateway's JWT authorizers do."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        """Verify signatures with ``keys`` and times with ``clock``."""
        self._keys = keys
        self._clock = clock

    async def authorize(self, request: Request, route: Route) -> Authorized | Response:
        """The claims of the request's token, or the 401 or 403 that it earns."""
        if route.authorizer is None:
            return _internal_error("The route wants a JWT authorizer that is not there.")
        token = _token(request, route.authorizer.identity_source)
        if not token:
            return _unauthorized("Bearer")
        try:
            claims = await self._claims(token, route.authorizer.jwt_configuration)
        except UnacceptableTokenError as error:
            description = str(error).replace('"', "'")
            return _unauthorized(f'Bearer scope="" error="invalid_token" error_description="{description}"')
        except KeysUnavailableError as error:
            return _internal_error(str(error))
        scopes = route.authorization_scopes
        if scopes and not _scopes_of(claims).intersection(scopes):
            return json_response(403, {"message": "Forbidden"})
        texts = {name: _text(value) for name, value in claims.items()}
        return Authorized({"jwt": {"claims": texts, "scopes": scopes or None}})

    async def _claims(self, token: str, configuration: JwtConfiguration) -> Mapping[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            if header["alg"] not in _ALGORITHMS:
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
        audience = claims.get("aud", claims.get("client_id"))
        if not set(configuration.audience).intersection(
            audience if isinstance(audience, list) else [audience]
        ):
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


def _token(request: Request, identity_sources: tuple[str, ...]) -> str:
    """The token at the first identity source that has one, without ``Bearer``."""
    for source in identity_sources:
        place, _, name = source.rpartition(".")
        value = request.header(name) if place == "$request.header" else _query_value(request, name)
        if value:
            scheme, _, token = value.partition(" ")
            return token.strip() if scheme.lower() == "bearer" and token else value
    return ""


def _query_value(request: Request, name: str) -> str:
    values = parse_qs(request.query_string.decode("latin-1")).get(name)
    return values[0] if values else ""


def _scopes_of(claims: Mapping[str, Any]) -> set[str]:
    value = claims.get("scope", claims.get("scp", ""))
    return set(value.split()) if isinstance(value, str) else set(value)


def _text(value: object) -> str:
    """A claim as API Gateway hands it to a function: always a string, a list as ``[a b]``."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "[" + " ".join(_text(item) for item in value) + "]"
    return msgspec.json.encode(value).decode()


def _unauthorized(challenge: str) -> Response:
    header = (b"www-authenticate", challenge.encode("latin-1", "replace"))
    return json_response(401, {"message": "Unauthorized"}, header)


def _internal_error(reason: str) -> Response:
    logger.warning("A request could not be authorized: %s", reason)
    return json_response(500, {"message": "Internal Server Error"})
