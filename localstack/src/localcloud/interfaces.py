"""The few interfaces between localcloud's parts; every part depends on these and not on the other parts.

The parts: the control plane (MiniStack in this process), the data planes of API Gateway (``apis``),
Lambda's execution plane (``functions``) and DynamoDB's data (``dynamodb``). ``server`` wires them.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Headers = Sequence[tuple[bytes, bytes]]
"""Header names (lower case) and values as ASGI carries them, repeated headers as repeated pairs."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, read whole, as it arrived."""

    method: str
    path: str
    """The decoded path, as ASGI's ``path``."""
    raw_path: bytes
    """The path as it stood on the wire, percent-encoded, without the query."""
    query_string: bytes
    headers: Headers
    body: bytes = b""
    client_host: str = "127.0.0.1"

    def header(self, name: str, default: str = "") -> str:
        """The first value of the header ``name`` (any case), or ``default``."""
        wanted = name.lower().encode("latin-1")
        for key, value in self.headers:
            if key == wanted:
                return value.decode("latin-1")
        return default


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response, whole."""

    status: int
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Denied:
    """Why a signed request is refused: its signature, its credentials or IAM's policies."""

    code: str
    """AWS's error code, such as ``AccessDeniedException`` or ``InvalidSignatureException``."""
    message: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signs with an access key."""

    account_id: str
    arn: str
    """Of the user, or of the role's session."""
    user_id: str
    """IAM's id of it, such as ``AIDA...`` or ``AROA...:session``."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """AWS credentials of an execution role's session."""

    access_key_id: str
    secret_access_key: str
    session_token: str


class ControlPlane(Protocol):
    """AWS's control plane: what is deployed, who may do what. Served by MiniStack in this process."""

    account_id: str
    region: str

    @property
    def generation(self) -> int:
        """A number that grows whenever an API, function or layer may have changed: the key of caches."""

    async def call(self, service: str, request: Request) -> Response:
        """Make one AWS API call as the account's root, unsigned, in this process.

        Args:
            service: MiniStack's name of the service: ``apigateway``, ``lambda``, ``logs``, ``dynamodb``, ...
            request: the call as it would stand on the wire.
        """

    def authorize(self, request: Request, service: str, action: str, resource: str) -> Denied | None:
        """Verify the request's SigV4 signature, then ask IAM; None is a yes.

        Args:
            request: the signed request with its body.
            service: the signing name, such as ``execute-api`` or ``dynamodb``.
            action: IAM's action, such as ``execute-api:ManageConnections``.
            resource: the ARN that the action is on.
        """

    def caller(self, access_key_id: str) -> Caller | None:
        """Who signs with an access key; None where nobody does."""

    def may_invoke(self, service: str, function: str, source_arn: str) -> bool:
        """Whether a function's own policy lets an AWS service invoke it on behalf of ``source_arn``.

        Args:
            service: the service's principal, such as ``apigateway.amazonaws.com``.
            function: the function's ARN.
            source_arn: what of this account's the service acts for, such as an API's route.
        """

    def function_code(self, function_name: str, version: str = "$LATEST") -> bytes:
        """The deployed zip of a function's version; KeyError when there is none."""

    def layer_code(self, layer_version_arn: str) -> bytes:
        """The zip of a layer version; KeyError when there is none."""

    def role_credentials(self, function_name: str) -> Credentials:
        """Credentials of the function's execution role; KeyError when there is no such function."""

    def append_logs(
        self, group: str, stream: str, events: Sequence[tuple[int, str]], function_name: str = ""
    ) -> None:
        """Write log events (epoch ms, text) to CloudWatch Logs; makes a missing group or stream.

        Args:
            group: the log group's name.
            stream: the log stream's name.
            events: in their order.
            function_name: the function whose log it is: what its role may not write is dropped without a
                word, as on AWS. Empty where the service writes by itself.
        """

    async def jwks(self, issuer: str) -> Mapping[str, object] | None:
        """The JSON Web Key Set of an issuer that this account's Cognito plays; None for another's."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What came of invoking a function."""

    request_id: str
    payload: bytes = b""
    """What the handler returned, or the error object, as JSON."""
    function_error: str | None = None
    """``Handled`` or ``Unhandled`` as in the X-Amz-Function-Error header; None when the handler returned."""
    throttled: bool = False
    """No environment was to be had under the concurrency limits: AWS's 429."""
    duration_ms: float = 0.0
    log_tail: str = field(default="", repr=False)
    """The last 4 KB of what the invocation logged."""
    executed_version: str = ""
    """Of the function; empty where nothing was executed."""


@dataclass(frozen=True, slots=True)
class EnvironmentCounts:
    """How many execution environments a function has, by what they do."""

    starting: int = 0
    idle: int = 0
    busy: int = 0
    """With an event, or ending."""


class Functions(Protocol):
    """Lambda's execution plane."""

    async def invoke(self, function: str, payload: bytes) -> Invocation:
        """Invoke a function by name or (qualified) ARN with a JSON payload and wait for what comes of it.

        A fault of the function is in the result, never raised. KeyError when there is no such function.
        """


class Clock(Protocol):
    """Time, so that tests can hold it."""

    def now(self) -> float:
        """Seconds since the epoch."""


class FaultEffect(enum.Enum):
    """What a fault on purpose does. Each point honours those that mean something there."""

    ERROR = "error"
    """Answer ``Fault.status`` and ``Fault.code`` in place of doing anything."""
    DELAY = "delay"
    """Do it, ``Fault.delay_ms`` late."""
    THROTTLE = "throttle"
    """Refuse as AWS does beyond a limit."""
    CRASH_BEFORE = "crash-before"
    """The execution environment dies before the handler sees the event."""
    CRASH_AFTER = "crash-after"
    """The execution environment dies once the handler has done everything, before its answer is known."""
    TIMEOUT = "timeout"
    """The invocation ends as one that took too long; the environment is killed."""
    LOSE = "lose"
    """Say that it is done, and do nothing."""
    REORDER = "reorder"
    """Hold it back until the next has gone, at most ``Fault.delay_ms``."""
    DROP = "drop"
    """End the TCP connection without a close frame."""


@dataclass(frozen=True, slots=True)
class FaultPoint:
    """Something that is about to happen and could be made to fail."""

    service: str
    """``execute-api``, ``lambda`` or ``dynamodb``."""
    operation: str
    """AWS's name of the operation (``PostToConnection``, ``Invoke``, ``PutItem``), or ``SendMessage`` for a
    text on its way to a WebSocket client, ``ReceiveMessage`` for one that has come from it, and ``Replicate``
    for an item on its way to a replica of its table."""
    resource: str
    """The function, the table, or the API's id."""
    connection_id: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is to go wrong now, once."""

    rule: str
    """The id of the rule that says so."""
    effect: FaultEffect
    delay_ms: float = 0.0
    status: int = 500
    code: str = "InternalServerError"


class Faults(Protocol):
    """Faults on purpose."""

    @property
    def armed(self) -> bool:
        """Whether there is any rule at all: where not, nobody needs to make a point."""

    def strike(self, point: FaultPoint) -> Fault | None:
        """The fault that this point meets now, if any; asking counts as meeting it."""


class NoFaults:
    """Nothing goes wrong on purpose."""

    armed = False

    def strike(self, point: FaultPoint) -> Fault | None:  # noqa: ARG002 - the protocol's
        """Give none."""
        return None
