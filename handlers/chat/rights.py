"""Who may do what in a group or channel, by role alone. Pure, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.domain import CHANNEL
from chat.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat.domain import Role

RANK: Mapping[Role, int] = {"member": 0, "admin": 1, "owner": 2}
"""Who stands above whom. Owners are each other's equals, and so are admins."""


def may_write(kind: str, role: Role) -> bool:
    """Whether who has the role may send: in a channel owners and admins, elsewhere everyone."""
    return kind != CHANNEL or may_administer(role)


def may_administer(role: Role) -> bool:
    """Whether who has the role may rename the chat and delete anyone's messages: owners and admins."""
    return RANK[role] >= RANK["admin"]


def may_add(role: Role, wanted: Role) -> bool:
    """Whether who has the role may add somebody in the role wanted: only an owner adds above members."""
    return may_administer(role) and (wanted == "member" or role == "owner")


def may_remove(role: Role, other: Role) -> bool:
    """Whether who has the role may remove somebody else who has the other: only one who stands below."""
    return may_administer(role) and RANK[role] > RANK[other]


def may_give_role(role: Role, other: Role) -> bool:
    """Whether who has the role may give another role, whichever, to somebody who has the other: owners may.

    An owner is no other owner's to demote.
    """
    return role == "owner" and other != "owner"


def may_step_down(role: Role, wanted: Role) -> bool:
    """Whether who has the role may take the role wanted: nobody raises themselves."""
    return RANK[wanted] <= RANK[role]


def require(allowed: bool) -> None:
    """Go on only where it is allowed.

    Raises:
        ChatError: `not_permitted`.
    """
    if not allowed:
        raise ChatError("not_permitted")
