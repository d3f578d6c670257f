"""The state of queues is read as it stands, where MiniStack copies every message first.

It is turned into JSON at once, on the event loop: nothing can change meanwhile that a copy would have kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import sqs

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable


def _uncopied(_get_state: Callable[[], Any]) -> Callable[[], Any]:
    def get_state() -> dict[str, Any]:
        return {"queues": sqs._queues, "queue_name_to_url": sqs._queue_name_to_url}  # noqa: SLF001

    return get_state


FIX = Fix(Patch(sqs, "get_state", _uncopied))
