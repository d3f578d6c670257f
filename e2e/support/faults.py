"""Faults on purpose at the localcloud under test: rules of its control API, on for as long as a block."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

Rule = dict[str, Any]
"""A rule as it stands on the wire."""


def fault(service: str, operation: str, effect: str, **parts: object) -> Rule:
    """Make a rule; its other parts are named as on the wire: `resource`, `rate`, `count`, `delayMs`, ..."""
    return {"service": service, "operation": operation, "effect": effect, **parts}


@dataclass(frozen=True, slots=True)
class Active:
    """Rules that were turned on."""

    rules: list[Rule]
    """Complete, with the ids and seeds that localcloud gave them."""
    http: httpx.Client

    def strikes(self) -> list[dict[str, Any]]:
        """What they have made go wrong so far, in order."""
        wanted = {"rule": [rule["id"] for rule in self.rules]}
        answer = self.http.get("/strikes", params=wanted).raise_for_status()
        return list(answer.json()["strikes"])


class Faults:
    """The faults of one localcloud."""

    def __init__(self, endpoint_url: str) -> None:
        """Talk to the localcloud at this address."""
        self._http = httpx.Client(base_url=f"{endpoint_url}/_localcloud/faults", trust_env=False)

    def close(self) -> None:
        """Stop talking."""
        self._http.close()

    @contextmanager
    def on(self, *rules: Rule, seed: int | None = None) -> Iterator[Active]:
        """Have rules on for as long as the block lasts; the first that strikes decides."""
        scenario: dict[str, object] = {"rules": rules} | ({} if seed is None else {"seed": seed})
        answer = self._http.post("/scenario", json=scenario)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        active = Active(answer.json()["rules"], self._http)
        try:
            yield active
        finally:
            for rule in active.rules:
                self._http.delete(f"/{rule['id']}")  # 404 where it is spent
