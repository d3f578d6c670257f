"""The rules that are on, and whether one of them strikes now."""

from __future__ import annotations

import re
from collections import deque
from fnmatch import translate
from random import Random, SystemRandom
from typing import TYPE_CHECKING

import msgspec

from localcloud.faults.rules import InvalidRules, Rule, Scenario
from localcloud.interfaces import FaultEffect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.interfaces import Clock, Fault, FaultPoint

STRIKES_KEPT = 10_000
_SEED_BITS = 32


class Strike(msgspec.Struct, frozen=True, rename="camel"):
    """One time that something went wrong on purpose."""

    number: int
    """Counts from 1 since localcloud started; only the last ones are kept."""
    at: float
    """Seconds since the epoch."""
    rule: str
    match: int
    """Which match of the rule it was, from 1."""
    effect: FaultEffect
    service: str
    operation: str
    resource: str
    connection_id: str


class ActiveRule(msgspec.Struct, frozen=True, rename="camel"):
    """A rule that is on, and what has come of it."""

    rule: Rule
    """Complete: posted again it strikes the same matches."""
    matched: int
    struck: int
    ends_in_seconds: float


class FaultRules:
    """Faults on purpose, by rules.

    Whether a rule strikes depends on its seed and on how many times it has matched, on nothing else: the same
    rules meeting the same points in the same order strike the same.
    """

    def __init__(self, clock: Clock) -> None:
        """Begin without rules."""
        self._clock = clock
        self._rules: dict[str, _Armed] = {}
        self._strikes: deque[Strike] = deque(maxlen=STRIKES_KEPT)
        self._struck = 0
        self._named = 0
        self.armed = False
        """Whether there is any rule."""

    def add(self, scenario: Scenario) -> tuple[Rule, ...]:
        """Turn rules on, all or none; gives them complete, with ids and seeds.

        Raises:
            InvalidRules: an id is in use.
        """
        self._forget_expired()
        seeds = SystemRandom() if scenario.seed is None else Random(scenario.seed)  # noqa: S311 - not a secret
        complete: dict[str, Rule] = {}
        for rule in scenario.rules:
            drawn = seeds.getrandbits(_SEED_BITS)  # for each, so that another's own seed changes nothing here
            rule_id = rule.id or self._new_id(complete)
            if rule_id in self._rules or rule_id in complete:
                raise InvalidRules(
                    f"There is a rule {rule_id!r} already: clear it first, or name this otherwise."
                )
            seed = drawn if rule.seed is None else rule.seed
            complete[rule_id] = msgspec.structs.replace(rule, id=rule_id, seed=seed)
        now = self._clock.now()
        self._rules |= {rule_id: _Armed(rule, now) for rule_id, rule in complete.items()}
        self.armed = True
        return tuple(complete.values())

    def clear(self) -> int:
        """Turn every rule off; gives how many there were."""
        self._forget_expired()
        count = len(self._rules)
        self._rules.clear()
        self.armed = False
        return count

    def remove(self, rule_id: str) -> bool:
        """Turn one rule off; False where it is not on (any more)."""
        self._forget_expired()
        return self._forget(rule_id)

    def strike(self, point: FaultPoint) -> Fault | None:
        """The fault that this point meets now: that of the first rule added of those that strike."""
        now = self._clock.now()
        hit = None
        for armed in tuple(self._rules.values()):
            if armed.ends_at <= now:
                self._forget(armed.rule.id)
            elif armed.matches(point) and armed.decides() and hit is None:
                hit = armed
        if hit is None:
            return None
        hit.struck += 1
        if hit.struck == hit.rule.count:
            self._forget(hit.rule.id)
        self._record(hit, point, now)
        return hit.fault

    def describe(self) -> tuple[ActiveRule, ...]:
        """The rules that are on."""
        self._forget_expired()
        now = self._clock.now()
        return tuple(
            ActiveRule(armed.rule, armed.matched, armed.struck, round(armed.ends_at - now, 1))
            for armed in self._rules.values()
        )

    def strikes(self) -> Sequence[Strike]:
        """The last strikes, the oldest first, also of rules that are over."""
        return tuple(self._strikes)

    def _record(self, hit: _Armed, point: FaultPoint, now: float) -> None:
        self._struck += 1
        self._strikes.append(
            Strike(
                number=self._struck,
                at=now,
                rule=hit.rule.id,
                match=hit.matched,
                effect=hit.rule.effect,
                service=point.service,
                operation=point.operation,
                resource=point.resource,
                connection_id=point.connection_id,
            )
        )

    def _new_id(self, taken: dict[str, Rule]) -> str:
        while True:
            self._named += 1
            name = f"fault-{self._named}"
            if name not in self._rules and name not in taken:
                return name

    def _forget(self, rule_id: str) -> bool:
        found = self._rules.pop(rule_id, None) is not None
        self.armed = bool(self._rules)
        return found

    def _forget_expired(self) -> None:
        now = self._clock.now()
        for rule_id in [rule_id for rule_id, armed in self._rules.items() if armed.ends_at <= now]:
            self._forget(rule_id)


class _Armed:
    """A rule that is on."""

    def __init__(self, rule: Rule, now: float) -> None:
        self.rule = rule
        self.fault = rule.fault
        self.ends_at = now + rule.expires_in_seconds
        self.matched = 0
        self.struck = 0
        self._operations = rule.operations
        self._resource = re.compile(translate(rule.resource))
        self._connection_id = re.compile(translate(rule.connection_id))
        self._random = Random(rule.seed)  # noqa: S311 - to be foreseen is what it is for

    def matches(self, point: FaultPoint) -> bool:
        """Whether the point is one that the rule is about."""
        return (
            point.service == self.rule.service
            and point.operation in self._operations
            and self._resource.match(point.resource) is not None
            and self._connection_id.match(point.connection_id) is not None
        )

    def decides(self) -> bool:
        """Count a match and say whether to strike; a number is drawn for each, whatever the others decide."""
        self.matched += 1
        drawn = self._random.random()
        return self.matched > self.rule.after and drawn < self.rule.rate
