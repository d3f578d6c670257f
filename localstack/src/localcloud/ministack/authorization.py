"""Who may do what: SigV4 signatures and IAM's policies, checked by MiniStack for what we serve."""

from __future__ import annotations

import contextvars
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec
from ministack import app
from ministack.core import iam_actions, iam_evaluator, responses, router, sigv4

from localcloud.http import raw_headers
from localcloud.interfaces import Caller, Denied, Response
from localcloud.ministack.patch import Fix, Patch
from localcloud.ministack.signers import Signer, signer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from localcloud.interfaces import Request

Check = tuple[str, str]
"""An IAM action and the ARN it is on."""

Question = tuple[str, str, str]
"""An access key, an IAM action, and the ARN it is on."""

_SIGNED = "AWS4-HMAC-SHA256"
_MOST_POLICIES = 1024
_MOST_ANSWERS = 8192


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


@dataclass(frozen=True, slots=True)
class Known:
    """What MiniStack has said since the control plane last changed."""

    allowed: set[Question] = field(default_factory=set)
    """What policies allow, where they have no condition that a request decides."""
    signers: dict[tuple[bytes, bytes], Signer] = field(default_factory=dict)
    """Whose signatures were right."""

    def lets(self, signer: Signer, checks: Iterable[Check]) -> bool:
        """Whether everything that a verified request asks for is known to be allowed."""
        return all((signer.access_key_id, *check) in self.allowed for check in checks)

    def allow(self, question: Question) -> None:
        """Remember a yes."""
        if len(self.allowed) >= _MOST_ANSWERS:
            self.allowed.clear()
        self.allowed.add(question)

    def verify(self, token: str, credential: Any) -> None:  # noqa: ANN401 - MiniStack is untyped
        """Remember a credential whose signature was right, with the session token that came with it."""
        if len(self.signers) >= _MOST_ANSWERS:
            self.signers.clear()
        key: str = credential.access_key_id
        signer = Signer(key, credential.secret_access_key, responses.get_account_id(), credential.expiration)
        self.signers[key.encode(), token.encode("latin-1", "replace")] = signer


class Answers:
    """What is known now.

    Signatures and times are verified for each request; of MiniStack's answers those are remembered that are
    the same for every request until something changes.
    """

    def __init__(self) -> None:
        """Remember nothing yet."""
        self.known = Known()
        """Take it before asking MiniStack: an answer that a change overtakes goes where nobody looks."""

    def forget(self, _services: object = None) -> None:
        """Something may have changed, in whatever service; called on any thread."""
        self.known = Known()


answers = Answers()
"""Of the one MiniStack of this process, which tells it of every change."""


def authorize(request: Request, service: str, action: str, resource: str) -> Denied | None:
    """Verify a request's signature, then ask IAM for one action on one resource; None is a yes."""
    checks = [(action, resource)]
    known = answers.known
    signed = signer_of(request, known.signers)
    if signed is not None and known.lets(signed[0], checks):
        return None
    response = _isolated(_enforce, request, service, checks)
    if response is None:
        return None
    body: dict[str, str] = msgspec.json.decode(response.body)
    code = body.get("__type", "AccessDeniedException")
    return Denied(code=code, message=body.get("message", ""))


def caller(access_key_id: str, account_id: str) -> Caller | None:
    """Who signs with an access key; None where nobody does."""
    found = iam_evaluator.resolve_credential(access_key_id, account_id)
    if isinstance(found, iam_evaluator.CredentialResolutionError):
        return None
    return Caller(found.account_id, found.principal_arn, found.principal_id)


def authorize_dynamodb(request: Request, operation: str) -> Response | None:
    """Verify a DynamoDB data request's signature and ask IAM for every table it names.

    The rules are MiniStack's own, which are AWS's: a batch is checked on each of its tables, each item of
    a transaction as the single-item action it performs, a query on an index as on the index's ARN.

    Returns:
        None for a yes, otherwise the answer to send.
    """
    known = answers.known
    signed = signer_of(request, known.signers)
    if signed is not None:
        signer, region = signed
        if known.lets(signer, _dynamodb_checks(request.body, operation, region, signer.account_id)[0]):
            return None
    return _isolated(_enforce_dynamodb, request, operation)


def _isolated(check: Callable[..., Response | None], *arguments: object) -> Response | None:
    # MiniStack keeps the request's account, region and signature in context variables; a copy of the context
    # keeps one check from leaking into the next.
    return contextvars.copy_context().run(check, *arguments)


def _enforce(request: Request, service: str, checks: Sequence[Check]) -> Response | None:
    headers, query, access_key = _pin(request)
    if not access_key:
        # MiniStack lets anybody invoke an API's methods unsigned; who asks here wants a signature.
        action, resource = checks[0]
        missing = iam_evaluator.AuthError("MissingAuthenticationToken", "Missing Authentication Token")
        return _refusal(missing, headers, service, action, resource)
    return _first_refusal(access_key, headers, query, service, checks, dict)


def _enforce_dynamodb(request: Request, operation: str) -> Response | None:
    headers, query, access_key = _pin(request)
    region, account_id = router.extract_region(headers, query), responses.get_account_id()
    checks, is_transaction = _dynamodb_checks(request.body, operation, region, account_id)

    def condition_keys() -> dict[str, Any]:
        keys: dict[str, Any] = iam_actions.dynamodb_service_context(request.body)
        return {**keys, "dynamodb:EnclosingOperation": [operation]} if is_transaction else keys

    return _first_refusal(access_key, headers, query, "dynamodb", checks, condition_keys)


def _dynamodb_checks(
    body: bytes, operation: str, region: str, account_id: str
) -> tuple[Sequence[Check], bool]:
    """What an operation has to be allowed, and whether by the items of a transaction."""
    action = f"dynamodb:{operation}"
    transaction: list[Check] = iam_actions.dynamodb_transaction_checks(action, body, region, account_id)
    if transaction:
        return transaction, True
    arns = iam_actions.dynamodb_resource_arns(body, region, account_id) or ["*"]
    return [(action, arn) for arn in arns], False


def _pin(request: Request) -> tuple[dict[str, str], dict[str, list[str]], str]:
    headers = _headers(request)
    query = parse_qs(request.query_string.decode("latin-1"), keep_blank_values=True)
    access_key: str = router.extract_access_key_id(headers, query)
    responses.set_request_account_id(app._request_account_scope(access_key))  # noqa: SLF001
    responses.set_request_region(router.extract_region(headers, query))
    iam_evaluator.pin_request_origin(request.client_host, False)
    raw_path = request.raw_path.decode("latin-1")
    signed_as_usual = headers.get("authorization", "").startswith(_SIGNED) and not query
    if signed_as_usual and not iam_evaluator.is_root_access_key(access_key):
        # What the two below make of it, without a look at every other way to sign.
        signed = iam_evaluator.SignedRequest(access_key, request.method, raw_path, {}, headers, request.body)
        iam_evaluator._signed_request.set(signed)  # noqa: SLF001
    else:
        iam_evaluator.pin_signed_request(request.method, raw_path, query, request.headers)
        iam_evaluator.pin_signed_body(request.body)
    return headers, query, access_key


def _headers(request: Request) -> dict[str, str]:
    """The headers as SigV4 signs them: one that stands on several lines as its values joined by a comma."""
    headers: dict[str, str] = {}
    for name, value in request.headers:
        key, text = name.decode("latin-1"), sigv4.decode_header_value(value)
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    return headers


def _first_refusal(
    access_key: str,
    headers: dict[str, str],
    query: dict[str, list[str]],
    service: str,
    checks: Sequence[Check],
    condition_keys: Callable[[], dict[str, Any]],
) -> Response | None:
    known = answers.known
    verified = iam_evaluator.authenticate(access_key, responses.get_account_id())
    if isinstance(verified, iam_evaluator.AuthError):
        action, resource = checks[0]
        return _refusal(verified, headers, service, action, resource)
    region = router.extract_region(headers, query)
    for action, resource in checks:
        question = (access_key, action, resource)
        if verified is not None and question in known.allowed:
            continue
        denied = iam_evaluator.enforce(
            access_key, action, service, region, resource_arn=resource, service_context=condition_keys()
        )
        if denied is not None:
            return _refusal(denied, headers, service, action, resource)
        if verified is not None and _depends_on_policies_alone(verified, service, resource):
            known.allow(question)
    if verified is not None:
        known.verify(headers.get("x-amz-security-token", ""), verified)
    return None


def _depends_on_policies_alone(credential: Any, service: str, resource: str) -> bool:  # noqa: ANN401 - untyped
    """Whether a question has the same answer until a policy changes: no condition looks at the request."""
    if iam_evaluator._resource_policy(service, resource) is not None:  # noqa: SLF001
        return False
    principal = iam_evaluator.resolve_principal(credential.access_key_id, credential.account_id, credential)
    layers = (principal.policies, *principal.limits)
    return not any(statement.conditions for layer in layers for policy in layer for statement in policy)


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
