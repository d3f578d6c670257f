"""What an HTTP API's client receives for what the function returned: payload formats 1.0 and 2.0."""

from __future__ import annotations

import base64
import binascii
import logging
from http import HTTPStatus

import msgspec

from localcloud.apis.exchange import JSON, json_response
from localcloud.apis.integrations import Failure, Outcome, ProxyResponse, answer_of, proxy_response
from localcloud.interfaces import Response

logger = logging.getLogger(__name__)

# Headers that the gateway writes itself, whatever the function says.
_OWN_HEADERS = frozenset({"apigw-requestid", "content-length", "transfer-encoding", "connection"})
_HTTP_STATUSES = range(200, 600)
_DEFAULT_TYPE = "text/plain;charset=utf-8"

_Headers = tuple[tuple[bytes, bytes], ...]


class _StatusCode(msgspec.Struct, rename="camel"):
    status_code: object = msgspec.UNSET


def response_2_0(outcome: Outcome) -> Response | Failure:
    """The response to a function of payload format 2.0.

    A JSON object with a ``statusCode`` is a response; any other JSON is the body of a 200.
    """
    answer = answer_of(outcome)
    if isinstance(answer, Failure):
        return answer
    if not _has_status_code(answer):
        return Response(200, (JSON,), answer)
    response = proxy_response(outcome)
    return response if isinstance(response, Failure) else _whole(response, _headers_2_0(response))


def response_1_0(outcome: Outcome) -> Response | Failure:
    """The response to a function of payload format 1.0, which must give a ``statusCode``."""
    response = proxy_response(outcome)
    return response if isinstance(response, Failure) else _whole(response, _headers_1_0(response))


def failure_response(failure: Failure) -> Response:
    """A function that failed is a 500, one that is throttled or outlasts the timeout a 503."""
    logger.warning("An HTTP API's integration gave no answer: %s.", failure.value)
    if failure in (Failure.TIMED_OUT, Failure.THROTTLED):
        return json_response(HTTPStatus.SERVICE_UNAVAILABLE, {"message": "Service Unavailable"})
    return json_response(HTTPStatus.INTERNAL_SERVER_ERROR, {"message": "Internal Server Error"})


def _whole(response: ProxyResponse, headers: _Headers) -> Response | Failure:
    if response.status_code not in _HTTP_STATUSES:
        return Failure.MALFORMED
    if any(b"\r" in part or b"\n" in part for header in headers for part in header):
        return Failure.MALFORMED
    body = response.body or ""
    try:
        content = base64.b64decode(body, validate=True) if response.is_base64_encoded else body.encode()
    except (binascii.Error, ValueError):
        return Failure.MALFORMED
    return Response(response.status_code, headers, content)


def _has_status_code(answer: bytes) -> bool:
    try:
        return msgspec.json.decode(answer, type=_StatusCode).status_code is not msgspec.UNSET
    except (msgspec.DecodeError, RecursionError):
        # Not an object: some other JSON value.
        return False


def _headers_2_0(response: ProxyResponse) -> _Headers:
    """Its headers and cookies; format 2.0 knows no ``multiValueHeaders``."""
    headers = {name.lower(): str(value) for name, value in (response.headers or {}).items()}
    headers.setdefault("content-type", _DEFAULT_TYPE)
    cookies = [("set-cookie", cookie) for cookie in response.cookies or ()]
    return _encoded([*headers.items(), *cookies])


def _headers_1_0(response: ProxyResponse) -> _Headers:
    """Its headers, and each of several values as a header of its own; format 1.0 knows no ``cookies``."""
    several = {name.lower(): values for name, values in (response.multi_value_headers or {}).items()}
    single = {name.lower(): value for name, value in (response.headers or {}).items()}
    pairs = [(name, str(value)) for name, value in single.items() if name not in several]
    pairs += [(name, str(value)) for name, values in several.items() for value in values]
    if "content-type" not in single and "content-type" not in several:
        pairs.append(("content-type", _DEFAULT_TYPE))
    return _encoded(pairs)


def _encoded(pairs: list[tuple[str, str]]) -> _Headers:
    return tuple((name.encode(), value.encode()) for name, value in pairs if name not in _OWN_HEADERS)
