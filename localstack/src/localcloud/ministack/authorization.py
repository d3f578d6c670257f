"""Who may do what: SigV4 signatures and IAM's policies, checked by MiniStack for what we serve."""

from __future__ import annotations

import contextvars
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec
from ministack import app
from ministack.core import iam_actions, iam_evaluator, responses, router, sigv4

from localcloud.http import raw_headers
from localcloud.interfaces import Denied, Response
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from localcloud.interfaces import Request

Check = tuple[str, str, dict[str, Any]]
"""An IAM action, the ARN it is on, and the request's condition keys."""

_MOST_POLICIES = 1024


def _remember_parsed(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    remembered: dict[int, tuple[object, Any]] = {}

    def parse_once(document: object) -> Any:  # noqa: ANN401 - MiniStack is untyped
        known = remembered.get(id(document))
        if known is None or known[0] is not document:
            if len(remembered) >= _MOST_POLICIES:
                remembered.clear()
            known = remembered[id(document)] = document, parse(document)
        return known[1]

    return parse_once


quicker = Fix(
    # A signing key depends on its four arguments alone and serves a whole day.
    Patch(sigv4, "derive_signing_key", lru_cache(maxsize=1024)),
    # A policy document is replaced by another and never changed, and so are the statements parsed from it.
    Patch(iam_evaluator, "parse_policy_document", _remember_parsed),
)
"""Not a fault: work that MiniStack repeats for each request."""


def authorize(request: Request, service: str, action: str, resource: str) -> Denied | None:
    """Verify a request's signature, then ask IAM for one action on one resource; None is a yes."""
    response = _isolated(_enforce, request, service, [(action, resource, {})])
    if response is None:
        return None
    body: dict[str, str] = msgspec.json.decode(response.body)
    code = body.get("__type", "AccessDeniedException")
    return Denied(code=code, message=body.get("message", ""))


def authorize_dynamodb(request: Request, operation: str) -> Response | None:
    """Verify a DynamoDB data request's signature and ask IAM for every table it names.

    The rules are MiniStack's own, which are AWS's: a batch is checked on each of its tables, each item of
    a transaction as the single-item action it performs, a query on an index as on the index's ARN.

    Returns:
        None for a yes, otherwise the answer to send.
    """
    return _isolated(_enforce_dynamodb, request, operation)


def _isolated(check: Callable[..., Response | None], *arguments: object) -> Response | None:
    # MiniStack keeps the request's account, region and signature in context variables; a copy of the context
    # keeps one check from leaking into the next.
    return contextvars.copy_context().run(check, *arguments)


def _enforce(request: Request, service: str, checks: Sequence[Check]) -> Response | None:
    headers, query, access_key = _pin(request)
    if not access_key:
        # MiniStack lets anybody invoke an API's methods unsigned; who asks here wants a signature.
        action, resource, _ = checks[0]
        missing = iam_evaluator.AuthError("MissingAuthenticationToken", "Missing Authentication Token")
        return _refusal(missing, headers, service, action, resource)
    return _first_refusal(access_key, headers, query, service, checks)


def _enforce_dynamodb(request: Request, operation: str) -> Response | None:
    headers, query, access_key = _pin(request)
    region, account_id = router.extract_region(headers, query), responses.get_account_id()
    action, body = f"dynamodb:{operation}", request.body
    context = iam_actions.dynamodb_service_context(body)
    checks: list[Check]
    if transaction := iam_actions.dynamodb_transaction_checks(action, body, region, account_id):
        context["dynamodb:EnclosingOperation"] = [operation]
        checks = [(item_action, arn, context) for item_action, arn in transaction]
    else:
        arns = iam_actions.dynamodb_resource_arns(body, region, account_id) or ["*"]
        checks = [(action, arn, context) for arn in arns]
    return _first_refusal(access_key, headers, query, "dynamodb", checks)


def _pin(request: Request) -> tuple[dict[str, str], dict[str, list[str]], str]:
    headers = {name.decode("latin-1"): sigv4.decode_header_value(value) for name, value in request.headers}
    query = parse_qs(request.query_string.decode("latin-1"), keep_blank_values=True)
    access_key: str = router.extract_access_key_id(headers, query)
    responses.set_request_account_id(app._request_account_scope(access_key))  # noqa: SLF001
    responses.set_request_region(router.extract_region(headers, query))
    iam_evaluator.pin_request_origin(request.client_host, False)
    raw_path = request.raw_path.decode("latin-1")
    iam_evaluator.pin_signed_request(request.method, raw_path, query, request.headers)
    iam_evaluator.pin_signed_body(request.body)
    return headers, query, access_key


def _first_refusal(
    access_key: str,
    headers: dict[str, str],
    query: dict[str, list[str]],
    service: str,
    checks: Iterable[Check],
) -> Response | None:
    region = router.extract_region(headers, query)
    for action, resource, context in checks:
        denied = iam_evaluator.enforce(
            access_key, action, service, region, resource_arn=resource, service_context=context
        )
        if denied is not None:
            return _refusal(denied, headers, service, action, resource)
    return None


def _refusal(
    denied: Any,  # noqa: ANN401 - MiniStack is untyped
    headers: dict[str, str],
    service: str,
    action: str,
    resource: str,
) -> Response:
    request_id = responses.new_uuid()
    if isinstance(denied, iam_evaluator.AuthError):
        status, answer_headers, body = iam_actions.access_denied_response(
            service, action, "", request_id, error_code=denied.code, message=denied.message, headers=headers
        )
    else:
        explicit = denied.decision == "Deny"
        message = iam_actions.identity_denial_message(action, denied.principal_arn, resource, explicit)
        status, answer_headers, body = iam_actions.access_denied_response(
            service, action, denied.principal_arn, request_id, message=message, headers=headers
        )
    answer_headers["x-amzn-requestid"] = request_id
    return Response(status, raw_headers(answer_headers), body)
