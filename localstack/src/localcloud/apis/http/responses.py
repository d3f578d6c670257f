"""What an HTTP API's client receives for what the function returned: payload format 2.0."""

from __future__ import annotations

import base64
import binascii
import logging

import msgspec

from localcloud.apis.exchange import JSON, json_response
from localcloud.apis.integrations import Failure, Outcome, ProxyResponse, answer_of, proxy_response
from localcloud.interfaces import Response

logger = logging.getLogger(__name__)

# Headers that the gateway writes itself, whatever the function says.
_OWN_HEADERS = frozenset({"content-length", "transfer-encoding", "connection"})
_HTTP_STATUSES = range(200, 600)


class _StatusCode(msgspec.Struct, rename="camel"):
    status_code: object = msgspec.UNSET


def function_response(outcome: Outcome) -> Response:
    """The response for an invocation's outcome.

    A JSON object with a ``statusCode`` is a response; any other JSON is the body of a 200. A failed function
    is a 500, and one that is throttled or outlasts the integration's timeout a 503.
    """
    answer = answer_of(outcome)
    if isinstance(answer, Failure):
        return _failure_response(answer)
    if not _has_status_code(answer):
        return Response(200, (JSON,), answer)
    response = proxy_response(outcome)
    if isinstance(response, Failure):
        return _failure_response(response)
    if response.status_code not in _HTTP_STATUSES:
        return _failure_response(Failure.MALFORMED)
    try:
        body = _body(response)
    except (binascii.Error, ValueError):
        return _failure_response(Failure.MALFORMED)
    return Response(response.status_code, _headers(response), body)


def _failure_response(failure: Failure) -> Response:
    logger.warning("An HTTP API's integration gave no answer: %s.", failure.value)
    if failure in (Failure.TIMED_OUT, Failure.THROTTLED):
        return json_response(503, {"message": "Service Unavailable"})
    return json_response(500, {"message": "Internal Server Error"})


def _has_status_code(answer: bytes) -> bool:
    try:
        return msgspec.json.decode(answer, type=_StatusCode).status_code is not msgspec.UNSET
    except (msgspec.DecodeError, RecursionError):
        # Not an object: some other JSON value.
        return False


def _body(response: ProxyResponse) -> bytes:
    body = response.body or ""
    return base64.b64decode(body, validate=True) if response.is_base64_encoded else body.encode()


def _headers(response: ProxyResponse) -> tuple[tuple[bytes, bytes], ...]:
    headers = {name.lower(): str(value) for name, value in (response.headers or {}).items()}
    for name, values in (response.multi_value_headers or {}).items():
        headers[name.lower()] = ",".join(str(value) for value in values)
    headers.setdefault("content-type", "text/plain;charset=utf-8")
    cookies = [(b"set-cookie", cookie.encode()) for cookie in response.cookies or ()]
    named = [(name.encode(), value.encode()) for name, value in headers.items() if name not in _OWN_HEADERS]
    return (*named, *cookies)
