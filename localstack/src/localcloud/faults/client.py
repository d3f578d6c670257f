"""Faults on purpose from a test or a program: turned on for a block, and certainly off after it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeVar

import httpx
import msgspec

from localcloud.control.routes import PREFIX
from localcloud.faults.engine import ActiveRule, Strike
from localcloud.faults.rules import InvalidRules, Rule, Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

_Answer = TypeVar("_Answer")


class _Message(msgspec.Struct, frozen=True):
    message: str


class _Active(msgspec.Struct, frozen=True):
    faults: tuple[ActiveRule, ...]


class _Strikes(msgspec.Struct, frozen=True):
    strikes: tuple[Strike, ...]


class _Cleared(msgspec.Struct, frozen=True):
    cleared: int


class FaultsClient:
    """Talks to one running localcloud. Use it as a context manager, or close it.

    Whatever cannot be had of it raises httpx.HTTPError; what it does not take as a rule, InvalidRules.
    """

    def __init__(self, endpoint_url: str) -> None:
        """Talk to the localcloud at ``endpoint_url``, such as ``http://127.0.0.1:4566``."""
        self._http = httpx.Client(base_url=f"{endpoint_url.rstrip('/')}{PREFIX}/faults", trust_env=False)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; rules that are on stay on."""
        self.close()

    def close(self) -> None:
        """Close the connection; rules that are on stay on."""
        self._http.close()

    def add(self, *rules: Rule, seed: int | None = None) -> tuple[Rule, ...]:
        """Turn rules on, all or none, until they are cleared, spent or expired.

        Args:
            rules: the first that strikes decides.
            seed: where the seeds come from of those rules that name none.

        Returns:
            The rules complete, with ids and seeds: added again they strike the same matches.

        Raises:
            InvalidRules: localcloud does not take them; the text says why.
        """
        content = msgspec.json.encode(Scenario(rules, seed))
        answer = self._http.post("/scenario", content=content)
        if answer.status_code == httpx.codes.BAD_REQUEST:
            raise InvalidRules(_read(answer, _Message).message)
        return _answered(answer, Scenario).rules

    @contextmanager
    def on(self, *rules: Rule, seed: int | None = None) -> Iterator[tuple[Rule, ...]]:
        """Have rules on for as long as the block lasts; gives them complete."""
        added = self.add(*rules, seed=seed)
        try:
            yield added
        finally:
            for rule in added:
                self.remove(rule.id)

    def list(self) -> tuple[ActiveRule, ...]:
        """The rules that are on, with how often each has matched and struck."""
        return _answered(self._http.get(""), _Active).faults

    def clear(self) -> int:
        """Turn every rule off, whoever turned it on; gives how many there were."""
        return _answered(self._http.delete(""), _Cleared).cleared

    def remove(self, rule_id: str) -> bool:
        """Turn one rule off; False where it is not on (any more)."""
        answer = self._http.delete(f"/{rule_id}")
        return answer.status_code != httpx.codes.NOT_FOUND and bool(_answered(answer, _Cleared).cleared)

    def strikes(self, *rules: Rule) -> Sequence[Strike]:
        """What went wrong on purpose, the oldest first: by these rules, or by all."""
        wanted = {"rule": [rule.id for rule in rules]}
        return _answered(self._http.get("/strikes", params=wanted), _Strikes).strikes


def _answered(answer: httpx.Response, kind: type[_Answer]) -> _Answer:
    return _read(answer.raise_for_status(), kind)


def _read(answer: httpx.Response, kind: type[_Answer]) -> _Answer:
    return msgspec.json.decode(answer.content, type=kind)
