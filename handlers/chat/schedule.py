"""EventBridge's scheduled events, of which only the time matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.errors import ChatError
from chat.invocation import carry_out

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def scheduled(action: str, work: Callable[[], None]) -> Callable[[Mapping[str, Any], object], None]:
    """Make the handler of a schedule; what fails is raised, so that Lambda tries again."""

    def handler(_event: Mapping[str, Any], _context: object) -> None:
        result = carry_out(action, {}, work)
        if isinstance(result, ChatError):
            raise result

    return handler
