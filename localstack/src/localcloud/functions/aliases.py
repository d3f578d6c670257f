"""Aliases of functions: which version an invocation goes to, where there may be two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from localcloud.interfaces import Response

LATEST: Final = "$LATEST"


@dataclass(frozen=True, slots=True)
class Alias:
    """Where an alias points."""

    version: str
    other_version: str = ""
    """A second version, which gets its share of the invocations; empty for none."""
    other_share: float = 0.0
    """Of all invocations, from 0 to 1."""

    def choose(self, drawn: float) -> str:
        """The version that an invocation goes to.

        Args:
            drawn: a random number from 0 to below 1.
        """
        return self.other_version if drawn < self.other_share else self.version


class _RoutingConfig(msgspec.Struct, frozen=True, rename="pascal"):
    additional_version_weights: dict[str, float] = {}


class _GetAlias(msgspec.Struct, frozen=True, rename="pascal"):
    function_version: str
    routing_config: _RoutingConfig = _RoutingConfig()


def is_version(qualifier: str) -> bool:
    """Whether a qualifier is a version; else it is an alias, whose name is no number."""
    return qualifier == LATEST or qualifier.isdigit()


def parse_get_alias(name: str, alias: str, response: Response) -> Alias:
    """The alias in an answer to GetAlias.

    Raises:
        KeyError: the answer is that there is none.
        RuntimeError: the control plane failed.
    """
    if response.status == 404:  # noqa: PLR2004 - HTTP's Not Found
        raise KeyError(f"There is no function {name}, or no such version or alias {alias}: deploy it first.")
    if response.status != 200:  # noqa: PLR2004 - HTTP's OK
        raise RuntimeError(f"GetAlias {name}:{alias} answered {response.status}: {response.body[:500]!r}")
    answer = msgspec.json.decode(response.body, type=_GetAlias)
    for other, share in answer.routing_config.additional_version_weights.items():  # AWS takes one at most
        return Alias(answer.function_version, other, share)
    return Alias(answer.function_version)
