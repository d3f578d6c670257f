"""REQUEST authorizers of HTTP APIs: a function says who may pass, and is not asked again for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from localcloud.apis.http import events, events_1_0
from localcloud.apis.http.arns import authorizer_arn, request_arn
from localcloud.apis.http.context import Authorized, Refusal
from localcloud.apis.http.expressions import selected
from localcloud.apis.integrations import Failure, answer_of
from localcloud.apis.policies import MAXIMUM_RESULT_BYTES, UNAUTHORIZED, PolicyDocument, evaluate, judge
from localcloud.apis.resources import function_of

if TYPE_CHECKING:
    from localcloud.apis.http.context import RequestContext
    from localcloud.apis.http.routes import Match
    from localcloud.apis.integrations import Invoker
    from localcloud.apis.resources import Authorizer
    from localcloud.interfaces import Clock

_TIMEOUT_SECONDS = 10.0
_MOST_RESULTS = 10_000

_Key = tuple[str, str, "Authorizer", tuple[str, ...]]


class _SimpleResult(msgspec.Struct, frozen=True, rename="camel"):
    is_authorized: bool
    context: dict[str, Any] | None = None


class _PolicyResult(msgspec.Struct, frozen=True, rename="camel"):
    policy_document: PolicyDocument
    principal_id: str = ""
    context: dict[str, Any] | None = None


_Result = _SimpleResult | _PolicyResult


class LambdaAuthorizer:
    """Asks authorizers' functions, and keeps what they answered by the values of their identity sources.

    A policy that is kept is applied to each request anew: it may allow one route and deny another.
    """

    def __init__(self, invoker: Invoker, clock: Clock) -> None:
        """Ask by ``invoker``; results grow old by ``clock``."""
        self._invoker = invoker
        self._clock = clock
        self._results: dict[_Key, tuple[float, _Result]] = {}

    async def authorize(self, context: RequestContext, match: Match) -> Authorized:
        """What the authorizer says of the caller.

        Raises:
            Refusal: 401 where an identity source is missing, 403 where the function says no, 500 where it
                says nothing that can be understood.
        """
        authorizer = match.route.authorizer
        if authorizer is None:
            raise _misconfigured("the route's authorizer is not there")
        identity = tuple(selected(source, context) for source in authorizer.identity_source)
        if not all(identity):
            raise Refusal(401, "Unauthorized", reason="an identity source is missing")
        method_arn = request_arn(context)
        result = await self._result(context, match, authorizer, identity, method_arn)
        if isinstance(result, _SimpleResult):
            is_allowed = result.is_authorized
            principal_id = ""
        else:
            is_allowed = evaluate(result.policy_document, method_arn) == "Allow"
            principal_id = result.principal_id
        if not is_allowed:
            raise Refusal(403, "Forbidden", reason="the authorizer's function refused")
        return Authorized("lambda", result.context or {}, principal_id)

    async def _result(
        self,
        context: RequestContext,
        match: Match,
        authorizer: Authorizer,
        identity: tuple[str, ...],
        method_arn: str,
    ) -> _Result:
        key = (context.address.api_id, context.stage.stage_name, authorizer, identity)
        # Without an identity source there is nothing to tell callers apart by, so nothing is kept.
        lifetime = authorizer.authorizer_result_ttl_in_seconds if identity else 0
        now = self._clock.now()
        if lifetime and (known := self._results.get(key)) and now - known[0] < lifetime:
            return known[1]
        result = await self._ask(context, match, authorizer, identity, method_arn)
        if lifetime:
            self._results.pop(key, None)
            self._results[key] = now, result
            if len(self._results) > _MOST_RESULTS:
                del self._results[next(iter(self._results))]
        return result

    async def _ask(
        self,
        context: RequestContext,
        match: Match,
        authorizer: Authorizer,
        identity: tuple[str, ...],
        method_arn: str,
    ) -> _Result:
        is_1_0 = authorizer.authorizer_payload_format_version == "1.0"
        event_of = events_1_0.authorizer_event if is_1_0 else events.authorizer_event
        event = msgspec.json.encode(event_of(context, match, method_arn, list(identity)))
        function = function_of(authorizer.authorizer_uri, context.stage)
        by_role = bool(authorizer.authorizer_credentials_arn)
        source = None if by_role else authorizer_arn(context, authorizer)
        outcome = await self._invoker.invoke(function, event, _TIMEOUT_SECONDS, source)
        answer = answer_of(outcome)
        if isinstance(answer, Failure):
            if judge(outcome, method_arn) == UNAUTHORIZED:
                raise Refusal(401, "Unauthorized", reason="the authorizer's function raised Unauthorized")
            raise _misconfigured(f"the authorizer: {answer.value}")
        if len(answer) > MAXIMUM_RESULT_BYTES:
            raise _misconfigured("the authorizer's result is too large")
        is_simple = authorizer.enable_simple_responses and not is_1_0
        try:
            if is_simple:
                return msgspec.json.decode(answer, type=_SimpleResult)
            return msgspec.json.decode(answer, type=_PolicyResult)
        except (msgspec.DecodeError, RecursionError) as error:
            raise _misconfigured("the authorizer's result has not its form") from error


def _misconfigured(reason: str) -> Refusal:
    return Refusal(500, "Internal Server Error", reason=reason)
