"""The state of stacks is read as it stands, where MiniStack copies every template and event first.

It is turned into JSON at once. Copying took a quarter of all the time that a stack of forty functions takes
to be made, while the event loop waited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import cloudformation

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable


def _uncopied(_get_state: Callable[[], Any]) -> Callable[[], Any]:
    def get_state() -> dict[str, Any]:
        return {name: store() for store, name in cloudformation._PERSISTED_STORES}  # noqa: SLF001

    return get_state


FIX = Fix(Patch(cloudformation, "get_state", _uncopied))
