"""A secret is replaced, in the four steps of Secrets Manager, each of which may be repeated.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from chat.ports.keys import RotatedSecrets, RotationStep, Stage


class RotationError(Exception):
    """A secret cannot be replaced as it is; the text says why."""


class Rotated(Protocol):
    """What a secret's text is, and what goes by it."""

    def make(self) -> str:
        """Make a text that is good from now on, beside those that are."""

    def test(self, text: str) -> None:
        """Raise RotationError where a text is not good."""

    def keep(self, texts: Collection[str]) -> None:
        """Have no text be good any more but these."""


class Rotation:
    """Replaces a secret. What was current is good until the next replacement."""

    def __init__(self, secrets: RotatedSecrets, rotated: Rotated) -> None:
        """Replace one of `secrets`, whose texts `rotated` makes and ends."""
        self._secrets = secrets
        self._rotated = rotated

    def carry_out(self, step: RotationStep, name: str, version_id: str) -> None:
        """Carry out a step of the replacement of a secret by the version with this id.

        Raises:
            RotationError: the version is missing, or no good.
        """
        if step == "createSecret":
            self._create(name, version_id)
        elif step == "testSecret":
            self._test(name)
        elif step == "finishSecret":
            self._finish(name, version_id)
        # setSecret has nothing left to do: a text is good before it is written.

    def _create(self, name: str, version_id: str) -> None:
        labels: tuple[Stage, ...] = ("AWSPENDING", "AWSCURRENT")
        for stage in labels:
            found = self._secrets.read(name, stage)
            if found and found.id == version_id:  # by an earlier attempt
                return
        self._rotated.keep(self._kept(name))  # and nothing of attempts that failed
        self._secrets.put(name, version_id, self._rotated.make(), "AWSPENDING")

    def _test(self, name: str) -> None:
        """Before a schedule holds, Secrets Manager has what is current tested, too."""
        tested = self._secrets.read(name, "AWSPENDING") or self._secrets.read(name, "AWSCURRENT")
        if tested is None:
            raise RotationError(f"{name} has no version: deploy the stack, which makes the first.")
        self._rotated.test(tested.text)

    def _finish(self, name: str, version_id: str) -> None:
        current = self._secrets.read(name, "AWSCURRENT")
        if current is None or current.id != version_id:
            pending = self._secrets.read(name, "AWSPENDING")
            if current is None or pending is None or pending.id != version_id:
                raise RotationError(f"{name} has no pending version {version_id}: rotate it once more.")
            self._secrets.promote(name, version_id, current.id)
        self._rotated.keep(self._kept(name))

    def _kept(self, name: str) -> Collection[str]:
        found = (self._secrets.read(name, "AWSCURRENT"), self._secrets.read(name, "AWSPREVIOUS"))
        return [version.text for version in found if version]
