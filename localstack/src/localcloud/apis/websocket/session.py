"""The driver of one connection: carries out its lifecycle's effects over ASGI."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, assert_never

from localcloud.apis.exchange import JSON, Receive, Send
from localcloud.apis.policies import Refused
from localcloud.apis.websocket.delivery import DROP, Delivery
from localcloud.apis.websocket.effects import Accept, Close, Effect, Forget, Invoke, Reject, SendText
from localcloud.interfaces import FaultEffect, FaultPoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localcloud.apis.catalog import Catalog
    from localcloud.apis.integrations import Invoker, Outcome
    from localcloud.apis.websocket.lifecycle import Lifecycle
    from localcloud.interfaces import Clock, Fault, Faults
    from localcloud.observations import Observations

# RFC 6455's code for a connection that ended without a close frame.
_LOST = 1006
# RFC 6455's code for a close frame without a code, and how AWS words it.
_NO_STATUS = 1005
_NO_STATUS_REASON = "Client-side close frame status not set"


class Session:
    """One connection's life. Effects are carried out at once; what goes to the client queues in order."""

    def __init__(
        self,
        lifecycle: Lifecycle,
        catalog: Catalog,
        invoker: Invoker,
        clock: Clock,
        faults: Faults,
        observations: Observations,
        forget: Callable[[Session], None],
    ) -> None:
        """Drive ``lifecycle``; call ``forget`` once the connection is over."""
        self.lifecycle = lifecycle
        self._catalog = catalog
        self._invoker = invoker
        self._clock = clock
        self._faults = faults
        self._forget = forget
        self._delivery = Delivery(lifecycle.connection, faults, observations, self._text_written)
        self._outgoing: list[SendText | Accept | Reject | Close] = []
        self._to_write = asyncio.Event()
        self._room = asyncio.Event()
        self._reading = asyncio.timeout(None)
        self._answer_delay = 0.0
        self._refused = False
        self._send: Send | None = None

    async def run(self, receive: Receive, send: Send, refused: Refused | None) -> None:
        """Serve the connection from the upgrade that is asked for to its end.

        Args:
            receive: ASGI's.
            send: ASGI's.
            refused: what already speaks against the upgrade.
        """
        self._send = send
        writer = asyncio.get_running_loop().create_task(self._write(send))
        writer.add_done_callback(lambda _: self._room.set())
        await receive()  # websocket.connect
        self._perform(self.lifecycle.handshake_asked(refused or self._connect_fault()))
        try:
            async with self._reading:
                await self._read(receive, send, writer)
        except TimeoutError:
            # tick() has given up a client that does not answer the close frame.
            if not self._reading.expired():
                raise
        else:
            if self._refused:
                # uvicorn takes a refused handshake for an unfinished one until the TCP connection has ended.
                await receive()
        finally:
            self._perform(self.lifecycle.socket_closed(_LOST, "", self._clock.now()))
            self._delivery.close()
            writer.cancel()

    async def drop(self) -> None:
        """End the TCP connection without a close frame."""
        if self._send is not None:
            await self._send(DROP)

    def tick(self) -> None:
        """Look at the clock."""
        effects = self.lifecycle.tick(self._clock.now())
        if not effects:
            return
        self._perform(effects)
        if Forget() in effects:
            self._reading.reschedule(asyncio.get_running_loop().time())

    def post(self, data: bytes) -> None:
        """Send a backend's message to the client.

        Raises:
            ConnectionGoneError, PayloadTooLargeError, OutgoingBufferFullError: as the lifecycle says.
        """
        self._perform(self.lifecycle.post_asked(data, self._clock.now()))

    def delete(self) -> None:
        """Close the connection for a backend.

        Raises:
            ConnectionGoneError: when it is not open.
        """
        self._perform(self.lifecycle.delete_asked(self._clock.now()))

    def _perform(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Invoke):
                ended = partial(self._invocation_ended, effect.invocation_id)
                self._invoker.start(effect.function, effect.payload, effect.timeout, ended, effect.source_arn)
            elif isinstance(effect, Forget):
                self._forget(self)
            else:
                self._outgoing.append(effect)
                self._to_write.set()

    def _invocation_ended(self, invocation_id: str, outcome: Outcome) -> None:
        self._perform(self.lifecycle.invocation_ended(invocation_id, outcome, self._clock.now()))

    def _text_written(self, size: int) -> None:
        self.lifecycle.text_written(size)
        self._room.set()

    async def _read(self, receive: Receive, send: Send, writer: asyncio.Task[None]) -> None:
        while True:
            while self.lifecycle.outgoing_full and not writer.done():
                self._room.clear()
                await self._room.wait()
            message = await receive()
            if message["type"] == "websocket.disconnect":
                await self._follow_deployment()
                code, reason = _closing(message)
                self._perform(self.lifecycle.socket_closed(code, reason, self._clock.now()))
                return
            if self._faults.armed and await self._lost(send):
                continue
            await self._follow_deployment()
            text = message.get("text")
            data = message["bytes"] if text is None else text
            self._perform(self.lifecycle.frame_received(data, self._clock.now()))

    async def _follow_deployment(self) -> None:
        self.lifecycle.deployed(await self._catalog.api(self.lifecycle.connection.api_id))

    async def _write(self, send: Send) -> None:
        try:
            while True:
                await self._to_write.wait()
                self._to_write.clear()
                effects, self._outgoing = self._outgoing, []
                for effect in effects:
                    await self._write_one(send, effect)
        except OSError:
            # The client is gone: ASGI tells the reading side too, which ends the connection.
            return

    async def _write_one(self, send: Send, effect: SendText | Accept | Reject | Close) -> None:
        match effect:
            case SendText():
                await self._delivery.deliver(send, effect)
            case Accept(subprotocol):
                await asyncio.sleep(self._answer_delay)
                await send({"type": "websocket.accept", "subprotocol": subprotocol})
                self.lifecycle.accepted(self._clock.now())
            case Reject(status, body):
                await asyncio.sleep(self._answer_delay)
                self._refused = True
                await send({"type": "websocket.http.response.start", "status": status, "headers": [JSON]})
                await send({"type": "websocket.http.response.body", "body": body.encode()})
            case Close(code, reason):
                self._delivery.close()
                await send({"type": "websocket.close", "code": code, "reason": reason})
            case _:
                assert_never(effect)

    # Faults on purpose.

    def _connect_fault(self) -> Refused | None:
        """What a fault makes of the upgrade: a refusal, or an answer that comes late."""
        fault = self._strike("Connect") if self._faults.armed else None
        if fault is None:
            return None
        if fault.effect is FaultEffect.DELAY:
            self._answer_delay = fault.delay_ms / 1000
            return None
        return Refused(fault.status, fault.code)

    async def _lost(self, send: Send) -> bool:
        """Whether a fault loses the message that has come, after the fault has had its effect."""
        fault = self._strike("ReceiveMessage")
        if fault is None:
            return False
        if fault.effect is FaultEffect.DELAY:
            await asyncio.sleep(fault.delay_ms / 1000)
            return False
        if fault.effect is FaultEffect.DROP:
            await send(DROP)
        return True

    def _strike(self, operation: str) -> Fault | None:
        connection = self.lifecycle.connection
        point = FaultPoint("execute-api", operation, connection.api_id, connection.connection_id)
        return self._faults.strike(point)


def _closing(message: Mapping[str, Any]) -> tuple[int, str]:
    """The code and reason with which the client's side closed, as AWS's DISCONNECT event words them."""
    # uvicorn gives no reason exactly when the TCP connection ended without a close frame.
    if "reason" not in message:
        return _LOST, ""
    code: int = message["code"]
    return code, message["reason"] or (_NO_STATUS_REASON if code == _NO_STATUS else "")
