"""Which version of a secret to sign by, and which to accept, while it is replaced and environments keep it.

Nobody notices a replacement because a new version signs only when all that verify know it: environments read
again every five minutes, CloudFront tells its edges of a new key within some, and a version waits fifteen.
Until the next replacement, months later, what the former version has signed is accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from chat.ports.clock import Clock
    from chat.ports.keys import RotatedSecrets, Stage, Version

READ_AGAIN = 5 * 60.0
"""Seconds for which an environment keeps what it has read."""
ANNOUNCEMENT = 15 * 60.0
"""Seconds from when a version is made to when it signs."""


class NoVersionError(Exception):
    """A secret has no current version: the stack's deployment has not made it."""


class Keyring:
    """The versions of one secret."""

    def __init__(self, secrets: RotatedSecrets, name: str, clock: Clock) -> None:
        """Use the secret with this name."""
        self._secrets = secrets
        self._name = name
        self._clock = clock
        self._signing: tuple[float, str] | None = None
        self._accepted: tuple[float, Collection[str]] | None = None

    def signing(self) -> str:
        """The text to sign by.

        Raises:
            NoVersionError: there is none.
        """
        now = self._clock.now()
        if self._signing is None or now >= self._signing[0] + READ_AGAIN:
            self._signing = (now, self._choose(now))
        return self._signing[1]

    def accepted(self) -> Collection[str]:
        """The texts by which something may have been signed that is good."""
        now = self._clock.now()
        if self._accepted is None or now >= self._accepted[0] + READ_AGAIN:
            # In the order in which a version gets the labels, so that none slips through between two reads.
            stages: tuple[Stage, ...] = ("AWSPENDING", "AWSCURRENT", "AWSPREVIOUS")
            found = [self._secrets.read(self._name, stage) for stage in stages]
            self._accepted = (now, {version.text for version in found if version})
        return self._accepted[1]

    def _choose(self, now: float) -> str:
        current = self._current()
        if now < current.made_at + ANNOUNCEMENT:
            previous = self._secrets.read(self._name, "AWSPREVIOUS")
            if previous:
                return previous.text
        return current.text

    def _current(self) -> Version:
        current = self._secrets.read(self._name, "AWSCURRENT")
        if current is None:
            raise NoVersionError(f"{self._name} has no current version: deploy the stack again.")
        return current
