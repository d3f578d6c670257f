"""Secrets Manager's events, by which it has a function replace a secret, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chat.errors import ChatError
from chat.invocation import carry_out
from chat.ports.keys import RotationStep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class _Event(msgspec.Struct, frozen=True, rename="pascal"):
    step: RotationStep
    secret_id: str
    client_request_token: str


def handler(
    replace: Callable[[RotationStep, str, str], None],
) -> Callable[[Mapping[str, Any], object], None]:
    """Make the handler of a secret's function; what fails is raised, so that Secrets Manager tries again.

    Args:
        replace: carries out a step, for the secret with this ARN and its version with this id.
    """

    def handle(event: Mapping[str, Any], _context: object) -> None:
        parsed = msgspec.convert(event, _Event)

        def work() -> None:
            replace(parsed.step, parsed.secret_id, parsed.client_request_token)

        result = carry_out(parsed.step, {}, work)
        if isinstance(result, ChatError):
            raise result

    return handle
