"""The client's errors: one class for each thing a caller can do about it."""

from __future__ import annotations


class ParleyError(Exception):
    """Anything that this client raises about the service."""


class AuthenticationFailed(ParleyError):  # noqa: N818 - says what happened, as an answer
    """The service does not accept who we are: sign in again."""


class NotReachable(ParleyError):  # noqa: N818 - says what happened, as an answer
    """The service does not answer, or not in time: try again later. Unsent messages stay in the outbox."""


class ConnectThrottled(NotReachable):
    """API Gateway takes no more connections for the moment (HTTP 429). The ticket was not spent."""


class ClientClosed(ParleyError):  # noqa: N818 - says what happened, as an answer
    """The client was closed while something waited for it. What was not acked is in its snapshot."""


class RequestRefused(ParleyError):  # noqa: N818 - says what happened, as an answer
    """The service refused a request.

    Attributes:
        code: the catalogue's code (docs/protocol.md).
        message: what the service says about it.
        definite: whether the request certainly had no effect.
        status: the HTTP status, or None over the WebSocket.
    """

    def __init__(self, code: str, message: str, *, definite: bool, status: int | None = None) -> None:
        """Say why."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.definite = definite
        self.status = status


class SendRefused(RequestRefused):
    """A message will not be sent, and is no longer in the outbox."""


class TooManyRequests(RequestRefused):
    """A limit is reached: the same request may succeed in `retry_after` seconds, and not before."""

    def __init__(self, code: str, message: str, *, retry_after: float, status: int | None = None) -> None:
        """Say until when."""
        super().__init__(code, message, definite=True, status=status)
        self.retry_after = retry_after


def cause(error: BaseException) -> str:
    """Say in a few words what went wrong underneath."""
    return str(error) or type(error).__name__
