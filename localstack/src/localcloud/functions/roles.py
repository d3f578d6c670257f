"""What execution roles may do, for what Lambda does in a function's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from localcloud.interfaces import Denied


class Roles(Protocol):
    """IAM's word on execution roles."""

    def may(self, function_name: str, action: str, resource: str) -> Denied | None:
        """Whether the role of the function may do ``action`` on the ARN ``resource``; None is a yes.

        KeyError when there is no such function.
        """
