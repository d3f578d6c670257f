"""Calling the function behind a route within the integration's timeout, and reading what it answers."""

from __future__ import annotations

import asyncio
import enum
import logging
from typing import TYPE_CHECKING

import msgspec

from localcloud.interfaces import ControlPlane, Functions, Invocation

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

_SERVICE = "apigateway.amazonaws.com"
_MOST_PERMISSIONS = 10_000
"""How many answers are remembered: what is asked may name an HTTP request's own method."""

# How long a shutdown waits for functions that are running, above all those of $disconnect.
_CLOSING_SECONDS = 5.0


class Failure(enum.Enum):
    """Why an integration gave no usable answer."""

    TIMED_OUT = "the integration took longer than its timeout"
    THROTTLED = "the function is throttled"
    FUNCTION_ERROR = "the function failed"
    NO_FUNCTION = "there is no such function"
    NOT_PERMITTED = "the function's policy does not let API Gateway invoke it: add a Lambda permission"
    NO_INTEGRATION = "the route has no integration that this gateway can call"
    MALFORMED = "the function's answer is not a proxy response"


Outcome = Invocation | Failure

Scalar = str | int | float | bool


class ProxyResponse(msgspec.Struct, frozen=True, rename="camel"):
    """What a Lambda proxy integration returns."""

    status_code: int
    headers: dict[str, Scalar] | None = None
    multi_value_headers: dict[str, list[Scalar]] | None = None
    body: str | None = None
    is_base64_encoded: bool = False
    cookies: list[str] | None = None

    def header(self, name: str) -> str | None:
        """The value of a header in any case, or None."""
        for key, value in (self.headers or {}).items():
            if key.lower() == name:
                return str(value)
        return None


# Lax, because AWS too takes "200" for a status code.
_PROXY_RESPONSE = msgspec.json.Decoder(ProxyResponse, strict=False)


def answer_of(outcome: Outcome) -> bytes | Failure:
    """What the handler returned, as JSON, or why there is nothing."""
    if isinstance(outcome, Failure):
        return outcome
    if outcome.throttled:
        return Failure.THROTTLED
    return Failure.FUNCTION_ERROR if outcome.function_error else outcome.payload


def proxy_response(outcome: Outcome) -> ProxyResponse | Failure:
    """The proxy response in an invocation's outcome, or why there is none."""
    answer = answer_of(outcome)
    if isinstance(answer, Failure):
        return answer
    try:
        return _PROXY_RESPONSE.decode(answer)
    except (msgspec.DecodeError, RecursionError):
        return Failure.MALFORMED


class Invoker:
    """Invokes functions and reports each outcome once: the answer, a failure, or that the timeout came first.

    A function that outlives its timeout goes on running, as on AWS; its late answer is dropped.
    """

    def __init__(self, functions: Functions, control_plane: ControlPlane) -> None:
        """Invoke through ``functions`` what ``control_plane`` says that API Gateway may."""
        self._functions = functions
        self._control_plane = control_plane
        self._generation = control_plane.generation
        self._permitted: dict[tuple[str, str], bool] = {}
        self._running: set[asyncio.Task[Outcome]] = set()

    def start(
        self,
        function: str,
        payload: bytes,
        timeout: float,
        report: Callable[[Outcome], None],
        source_arn: str | None = None,
    ) -> None:
        """Invoke ``function`` and call ``report`` once, within ``timeout`` seconds.

        Args:
            function: its ARN.
            payload: the event.
            timeout: seconds.
            report: is called with what came of it.
            source_arn: the method or authorizer that the function's own policy must let API Gateway invoke it
                for; None asks no policy.
        """
        task = asyncio.get_running_loop().create_task(self._invoke(function, payload, source_arn))
        self._running.add(task)

        def timed_out() -> None:
            task.remove_done_callback(ended)
            task.add_done_callback(self._running.discard)
            report(Failure.TIMED_OUT)

        def ended(task: asyncio.Task[Outcome]) -> None:
            timer.cancel()
            self._running.discard(task)
            if not task.cancelled():
                report(task.result())

        timer = asyncio.get_running_loop().call_later(timeout, timed_out)
        task.add_done_callback(ended)

    async def invoke(
        self,
        function: str,
        payload: bytes,
        timeout: float,  # noqa: ASYNC109 - not a cancellation: the function runs on
        source_arn: str | None = None,
    ) -> Outcome:
        """Invoke ``function`` as ``start`` does and wait for its outcome."""
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def report(outcome: Outcome) -> None:
            if not answered.done():
                answered.set_result(outcome)

        self.start(function, payload, timeout, report, source_arn)
        return await answered

    async def close(self) -> None:
        """Wait a little for the functions that run, then give the rest up."""
        if self._running:
            await asyncio.wait(self._running, timeout=_CLOSING_SECONDS)
        for task in self._running:
            task.cancel()

    async def _invoke(self, function: str, payload: bytes, source_arn: str | None) -> Outcome:
        if source_arn is not None and not self._may_invoke(function, source_arn):
            logger.warning(
                "The policy of %s does not let %s invoke it for %s.", function, _SERVICE, source_arn
            )
            return Failure.NOT_PERMITTED
        try:
            return await self._functions.invoke(function, payload)
        except KeyError:
            logger.warning("The integration names the function %s, which does not exist.", function)
            return Failure.NO_FUNCTION
        except Exception:
            # A fault of the execution plane, not of the function: whoever waits must still be answered.
            logger.exception("Invoking %s failed inside the execution plane.", function)
            return Failure.FUNCTION_ERROR

    def _may_invoke(self, function: str, source_arn: str) -> bool:
        """Whether the function's own policy allows it; asked once until the control plane has changed."""
        if self._generation != self._control_plane.generation or len(self._permitted) >= _MOST_PERMISSIONS:
            self._generation = self._control_plane.generation
            self._permitted.clear()
        permitted = self._permitted.get((function, source_arn))
        if permitted is None:
            permitted = self._control_plane.may_invoke(_SERVICE, function, source_arn)
            self._permitted[function, source_arn] = permitted
        return permitted
