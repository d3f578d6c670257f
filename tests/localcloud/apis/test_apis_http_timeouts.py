"""How long an HTTP API waits for the functions behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.apis.addresses import Address
from localcloud.apis.http.context import Refusal, RequestContext
from localcloud.apis.http.integrations import Integrations
from localcloud.apis.http.lambda_authorizer import LambdaAuthorizer
from localcloud.apis.http.routes import Match
from localcloud.apis.integrations import Failure, Invoker
from localcloud.apis.resources import Authorizer, Integration, Route, Stage
from localcloud.interfaces import Request
from tests.localcloud.apis.apis_fakes import NOW, FakeClock, FakeControlPlane, FakeFunctions, function_uri

if TYPE_CHECKING:
    from localcloud.apis.integrations import Outcome


class ImpatientInvoker(Invoker):
    """Times out at once, and remembers how long it was to wait."""

    def __init__(self) -> None:
        super().__init__(FakeFunctions(), FakeControlPlane())
        self.timeouts: list[float] = []

    async def invoke(
        self,
        function: str,
        payload: bytes,
        timeout: float,  # noqa: ASYNC109 - the base class's
        source_arn: str | None = None,
    ) -> Outcome:
        """Fail."""
        assert function.endswith(":me")
        assert payload
        assert source_arn
        self.timeouts.append(timeout)
        return Failure.TIMED_OUT


def context_of(match: Match) -> RequestContext:
    """A request that takes the route."""
    request = Request("GET", "/me", b"/me", b"", ((b"host", b"h"),))
    return RequestContext(
        request=request,
        forwarded=request,
        address=Address("abc123", "/me", "h"),
        stage=Stage("$default"),
        raw_path="/me",
        account_id="000000000000",
        execute_api_arn="arn:aws:execute-api:us-east-1:000000000000:abc123",
        request_id="JtGlfEW7IAMFpRQ=",
        received_at=NOW,
        started=0.0,
        match=match,
    )


@pytest.mark.parametrize(("asked_ms", "seconds"), [(50, 0.05), (30_000, 30), (60_000, 30)])
async def test_http_integration_may_take_30_seconds_at_most(asked_ms: int, seconds: float) -> None:
    """Whatever it asks for; then it is a 503."""
    invoker = ImpatientInvoker()
    integration = Integration("i", "AWS_PROXY", function_uri("me"), timeout_in_millis=asked_ms)
    match = Match(Route("GET /me", integration=integration), {})
    response = await Integrations(invoker).call(context_of(match), match)
    assert (invoker.timeouts, response.status) == ([seconds], 503)


async def test_http_authorizer_may_take_10_seconds() -> None:
    """Then the request fails with a 500."""
    invoker = ImpatientInvoker()
    authorizer = Authorizer("a1", "REQUEST", function_uri("me"))
    match = Match(Route("GET /me", "CUSTOM", authorizer=authorizer), {})
    with pytest.raises(Refusal) as refused:
        await LambdaAuthorizer(invoker, FakeClock()).authorize(context_of(match), match)
    assert (invoker.timeouts, refused.value.response.status) == ([10], 500)
