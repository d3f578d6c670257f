"""A clock that stands, and a localcloud that has its health, faults and nothing else."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import uvicorn

from localcloud.control.health import Health, health_endpoints
from localcloud.control.routes import Control
from localcloud.faults.endpoints import endpoints
from localcloud.faults.engine import FaultRules

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class StandingClock:
    """A clock that stands until it is set."""

    time: float = 1_000.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.time


@dataclass
class Served:
    """Fault rules, and the address at which the control API has them."""

    endpoint_url: str
    port: int
    rules: FaultRules = field(default_factory=lambda: FaultRules(StandingClock()))


@contextmanager
def served() -> Iterator[Served]:
    """Serve fault rules on a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        found = Served(f"http://127.0.0.1:{port}", port)
        health = Health("ready", os.getpid(), "nowhere", "dynoxide", {})
        control = Control({**health_endpoints(health), **endpoints(found.rules)})
        server = uvicorn.Server(uvicorn.Config(control, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield found
        finally:
            server.should_exit = True
            thread.join()
