"""What a fault rule says; parsed once from JSON, refused with one sentence."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from localcloud.faults.points import EFFECTS, error_code, error_status
from localcloud.interfaces import Fault, FaultEffect

TEN_MINUTES = 600.0
_DAY = 86_400.0
_WAITING = frozenset({FaultEffect.DELAY, FaultEffect.REORDER})


class InvalidRules(ValueError):  # noqa: N818 - named by what is wrong
    """What was given says no fault; the text is one sentence."""


class Rule(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What goes wrong, where, how often and how long.

    ``operation``, ``resource`` and ``connection_id`` are exact, or globs (``*``, ``?``).

    Raises:
        ValueError: the parts do not go together.
    """

    service: str
    """``execute-api``, ``lambda`` or ``dynamodb``."""
    operation: str
    """AWS's name, such as ``PutItem``; points.py has them all."""
    effect: FaultEffect
    resource: str = "*"
    """The function's name, the table's name, or the API's id."""
    connection_id: str = "*"
    delay_ms: Annotated[float, Meta(ge=0, le=_DAY * 1_000)] = 0.0
    """How late a delay is, and how long at most a reordered message is held."""
    status: Annotated[int, Meta(ge=400, le=599)] | None = None
    """The HTTP status of an error; where absent, the one that goes with ``code``, or 500."""
    code: str | None = None
    """AWS's code of an error; where absent, the one that goes with ``status``."""
    rate: Annotated[float, Meta(ge=0, le=1)] = 1.0
    """How probable a strike is, each time the rule matches."""
    after: Annotated[int, Meta(ge=0)] = 0
    """How many matches are let pass first."""
    count: Annotated[int, Meta(ge=1)] | None = None
    """After how many strikes the rule is over; None is without such an end."""
    expires_in_seconds: Annotated[float, Meta(gt=0, le=_DAY)] = TEN_MINUTES
    """When the rule is over in any case, so that none stays on by accident."""
    seed: int | None = None
    """Decides, with the number of the match, whether the rule strikes; None lets localcloud choose one."""
    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{0,64}$")] = ""
    """Its name; empty lets localcloud choose one."""

    def __post_init__(self) -> None:
        """Refuse what would strike nowhere, or without effect."""
        if self.service not in EFFECTS:
            raise ValueError(f"The service is one of {', '.join(EFFECTS)}, not {self.service!r}")
        named = [name for name in EFFECTS[self.service] if fnmatchcase(name, self.operation)]
        if not named:
            known = ", ".join(EFFECTS[self.service])
            raise ValueError(
                f"The operation of {self.service} is one of {known}, or a glob, not {self.operation!r}"
            )
        if not self.operations:
            known = ", ".join(
                effect.value
                for effect in FaultEffect
                if any(effect in EFFECTS[self.service][n] for n in named)
            )
            raise ValueError(
                f"The effect of {self.service} {self.operation} is one of {known}, not {self.effect.value!r}"
            )
        if self.effect in _WAITING and not self.delay_ms:
            raise ValueError(f"The effect {self.effect.value!r} needs delayMs, more than 0")
        if self.effect is not FaultEffect.ERROR and (self.status is not None or self.code is not None):
            raise ValueError(
                f"status and code are for the effect 'error'; {self.effect.value!r} has its own answer"
            )

    @property
    def operations(self) -> frozenset[str]:
        """The operations that it names, as far as its effect means something there."""
        return frozenset(
            name
            for name, effects in EFFECTS[self.service].items()
            if self.effect in effects and fnmatchcase(name, self.operation)
        )

    @property
    def fault(self) -> Fault:
        """What a strike of it is."""
        code = self.code or error_code(self.service, self.status or 500)
        return Fault(self.id, self.effect, self.delay_ms, self.status or error_status(code), code)


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Several rules, in the order in which they are asked; the first that strikes decides."""

    rules: Annotated[tuple[Rule, ...], Meta(min_length=1)]
    seed: int | None = None
    """Where the seeds come from of those rules that name none."""


_Read = TypeVar("_Read")
_rule = msgspec.json.Decoder(Rule)
_scenario = msgspec.json.Decoder(Scenario)


def read_rule(content: bytes) -> Rule:
    """Read one rule.

    Raises:
        InvalidRules: it is none.
    """
    return _read(_rule, content)


def read_scenario(content: bytes) -> Scenario:
    """Read a scenario, as a file holds it.

    Raises:
        InvalidRules: it is none.
    """
    return _read(_scenario, content)


def _read(decoder: msgspec.json.Decoder[_Read], content: bytes) -> _Read:
    try:
        return decoder.decode(content)
    except msgspec.DecodeError as error:  # also where the parts do not go together
        raise InvalidRules(f"{str(error).rstrip('.')}.") from error
