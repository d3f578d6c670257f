"""Stack operations that a sudden end of localcloud cut off: nothing will ever finish them."""

from __future__ import annotations

from ministack.services import cloudformation

_REASON = "localcloud ended during this operation: delete the stack, or deploy it again."
_ENDED_AS = {
    "CREATE_IN_PROGRESS": "CREATE_FAILED",
    "ROLLBACK_IN_PROGRESS": "ROLLBACK_FAILED",
    "UPDATE_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "DELETE_IN_PROGRESS": "DELETE_FAILED",
}
"""The statuses from which AWS allows what the reason says."""


def end() -> None:
    """Give every stack that was in progress when the state was saved a status that people can act on."""
    for stack in cloudformation._stacks._data.values():  # noqa: SLF001
        ended_as = _ENDED_AS.get(stack["StackStatus"])
        if ended_as is not None:
            stack["StackStatus"], stack["StackStatusReason"] = ended_as, _REASON
