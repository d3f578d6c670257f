"""Whatever happens to a connection in whatever order, its lifecycle keeps API Gateway's promises."""

from __future__ import annotations

import json

from hypothesis import settings, strategies
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from localcloud.apis.integrations import Failure, Outcome
from localcloud.apis.resources import Stage
from localcloud.apis.websocket.effects import Accept, Close, Effect, Forget, Invoke, Reject, SendText
from localcloud.apis.websocket.events import Connection, Handshake
from localcloud.apis.websocket.lifecycle import Lifecycle, State
from localcloud.apis.websocket.limits import (
    MAXIMUM_MESSAGE_BYTES,
    OUTGOING_LIMIT_BYTES,
    ConnectionGoneError,
    OutgoingBufferFullError,
)
from localcloud.interfaces import Invocation
from localcloud.observations import (
    ConnectionClosed,
    ConnectionOpened,
    Observation,
    Observations,
    RequestServed,
)
from localcloud.settings import AccountQuotas
from tests.localcloud.apis.apis_fakes import NOW, api, route, throttles

OUTCOMES = strategies.sampled_from(
    [
        Invocation("r", b'{"statusCode":200,"body":"answer"}'),
        Invocation("r", b'{"statusCode":403}'),
        Invocation("r", b"null"),
        Invocation("r", b'{"errorMessage":"boom"}', function_error="Unhandled"),
        Invocation("r", throttled=True),
        Failure.TIMED_OUT,
    ]
)


class ConnectionLife(RuleBasedStateMachine):
    """Drives a lifecycle with everything that can happen, and remembers what it asked for."""

    invocations: Bundle[Invoke] = Bundle("invocations")

    def __init__(self) -> None:
        """Ask for an upgrade to an API with every kind of route."""
        super().__init__()
        connection = Connection(
            "id", "abc123", Stage("dev"), "example", "example", NOW, "127.0.0.1", "", "arn"
        )
        routes = (
            route("$connect", "connect"),
            route("$disconnect", "disconnect"),
            route("send", "send", responds=True),
        )
        observations = Observations()
        self.observed: list[Observation] = []
        observations.listen(self.observed.append)
        quotas = AccountQuotas(requests_per_second=1, request_burst=8)
        self.life = Lifecycle(connection, Handshake(), api(*routes), throttles(quotas), observations)
        self.now = NOW
        self.asked: list[Effect] = []
        self.functions: list[str] = []
        self.waiting_bytes = 0
        self.unwritten: list[int] = []
        self.started = False

    def follow(self, effects: list[Effect]) -> list[Invoke]:
        """Check the effects against what was asked before, and take note of them."""
        for effect in effects:
            ended = any(isinstance(before, Reject | Forget) for before in self.asked)
            match effect:
                case SendText(_, size):
                    assert Accept() in self.asked
                    assert not ended
                    assert not any(isinstance(before, Close) for before in self.asked)
                    self.unwritten.append(size)
                case Accept() | Reject():
                    assert not any(isinstance(before, Accept | Reject) for before in self.asked)
                case Close():
                    assert not any(isinstance(before, Close) for before in self.asked)
                case Forget():
                    assert Forget() not in self.asked
                case Invoke():
                    assert not ended
                    self.functions.append(effect.function.rpartition(":")[2])
            self.asked.append(effect)
        return [effect for effect in effects if isinstance(effect, Invoke)]

    @precondition(lambda self: not self.started)
    @rule(target=invocations)
    def ask_handshake(self) -> Invoke:
        """The client asks to connect, once."""
        self.started = True
        [invoke] = self.follow(self.life.handshake_asked())
        return invoke

    @precondition(lambda self: Accept() in self.asked)
    @rule()
    def write_acceptance(self) -> None:
        """The 101 is on its way, perhaps too late."""
        self.life.accepted(self.now)

    @precondition(lambda self: self.started)
    @rule(target=invocations, action=strategies.sampled_from(["send", "other", "$connect", "$disconnect"]))
    def receive_frame(self, action: str) -> Invoke:
        """A frame arrives, perhaps after the end; without an invocation a void one is handed on."""
        invokes = self.follow(self.life.frame_received(json.dumps({"action": action}), self.now))
        return invokes[0] if invokes else Invoke("none", "none", b"", 0)

    @rule(target=invocations, invoke=consumes(invocations), outcome=OUTCOMES, twice=strategies.booleans())
    def end_invocation(self, invoke: Invoke, outcome: Outcome, *, twice: bool) -> Invoke:
        """A function ends; a second outcome of the same request changes nothing."""
        invokes = self.follow(self.life.invocation_ended(invoke.invocation_id, outcome, self.now))
        if twice:
            assert self.life.invocation_ended(invoke.invocation_id, outcome, self.now) == []
        return invokes[0] if invokes else Invoke("none", "none", b"", 0)

    @rule(size=strategies.sampled_from([1, MAXIMUM_MESSAGE_BYTES]))
    def post(self, size: int) -> None:
        """A backend posts; gone unless open, refused when full."""
        try:
            self.follow(self.life.post_asked(b"x" * size, self.now))
        except ConnectionGoneError:
            assert self.life.state is not State.OPEN
        except OutgoingBufferFullError:
            assert self.life.outgoing_bytes + size > OUTGOING_LIMIT_BYTES
        else:
            assert self.life.outgoing_bytes <= OUTGOING_LIMIT_BYTES

    @rule()
    def delete(self) -> None:
        """A backend closes the connection; gone unless open."""
        try:
            self.follow(self.life.delete_asked(self.now))
        except ConnectionGoneError:
            assert self.life.state is not State.OPEN

    @precondition(lambda self: self.unwritten)
    @rule()
    def write(self) -> None:
        """The client has read something."""
        self.life.text_written(self.unwritten.pop(0))

    @precondition(lambda self: self.started)
    @rule(target=invocations, seconds=strategies.sampled_from([1.0, 11.0, 600.0, 7200.0]))
    def pass_time(self, seconds: float) -> Invoke:
        """Time passes."""
        self.now += seconds
        invokes = self.follow(self.life.tick(self.now))
        return invokes[0] if invokes else Invoke("none", "none", b"", 0)

    @precondition(lambda self: self.started)
    @rule(target=invocations)
    def close_socket(self) -> Invoke:
        """The socket closes, for whatever reason."""
        invokes = self.follow(self.life.socket_closed(1000, "", self.now))
        return invokes[0] if invokes else Invoke("none", "none", b"", 0)

    @invariant()
    def bytes_are_counted(self) -> None:
        """What waits for the client is what was sent and not yet written."""
        assert self.life.outgoing_bytes == sum(self.unwritten)

    @invariant()
    def lifecycle_routes_run_once(self) -> None:
        """No frame can invoke ``$connect`` or ``$disconnect``; each runs at most once."""
        assert self.functions.count("connect") <= 1
        assert self.functions.count("disconnect") <= 1

    @invariant()
    def everything_is_told_once(self) -> None:
        """A connection that was open is closed once; every request is told at most once."""
        opened = sum(isinstance(told, ConnectionOpened) for told in self.observed)
        closed = sum(isinstance(told, ConnectionClosed) for told in self.observed)
        assert closed <= opened <= 1
        assert closed == opened or self.life.state is not State.CLOSED
        requests = [told.context()["requestId"] for told in self.observed if isinstance(told, RequestServed)]
        assert len(requests) == len(set(requests))

    @invariant()
    def end_is_the_end(self) -> None:
        """A closed connection is forgotten, and a forgotten one is closed."""
        assert (Forget() in self.asked) == (self.life.state is State.CLOSED)


ConnectionLife.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestConnectionLife = ConnectionLife.TestCase
