"""IAM: a bucket whose policy asks for TLS, as every guide advises, takes nothing at all.

Fault: MiniStack says of every request without X-Forwarded-Proto that it came in the clear, on a port where
nothing speaks TLS. Here it listens on the loopback interface alone, with nobody in between: as good as TLS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ministack import app

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable


def _as_if_by_tls(pin: Callable[[str, bool], None]) -> Callable[[str, bool], None]:
    def pin_request_origin(source_ip: str, _secure_transport: bool) -> None:
        pin(source_ip, True)

    return pin_request_origin


FIX = Fix(Patch(app, "pin_request_origin", _as_if_by_tls))
