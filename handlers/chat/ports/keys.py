"""Secrets, and the keys by which something is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

Stage = Literal["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"]
"""Secrets Manager's names for the version in use, the one that is about to be, and the one before."""
RotationStep = Literal["createSecret", "setSecret", "testSecret", "finishSecret"]
"""Secrets Manager's names for what it has done when it replaces a secret, in order."""


class Secrets(Protocol):
    """Texts that only functions which need them can read, by name."""

    def add(self, name: str, text: str) -> None:
        """Write a secret unless there is one with this name."""

    def get(self, name: str) -> str:
        """The secret; it is there."""

    def remove(self, name: str) -> None:
        """Forget the secret, if it is there."""


class Version(NamedTuple):
    """One text of a secret that changes."""

    id: str
    text: str
    made_at: float
    """In seconds since the epoch."""


class RotatedSecrets(Protocol):
    """Secrets that change, by name: each has versions, of which a label is on one at most."""

    def read(self, name: str, stage: Stage) -> Version | None:
        """The version with this label; None where there is none, or nothing was written to it yet."""

    def put(self, name: str, version_id: str, text: str, stage: Stage) -> None:
        """Write a version, with this label."""

    def promote(self, name: str, version_id: str, current_id: str) -> None:
        """Make a version the current one, and the current one the previous."""


class LinkKey(NamedTuple):
    """What signs links to files."""

    key_id: str
    """Of the public half, which links name."""
    private_key: str
    """As PEM."""


class KeyPairs(Protocol):
    """Pairs of keys by which something is signed."""

    def make(self) -> str:
        """Make a pair; its private half, as PEM."""

    def public_half(self, private: str) -> str:
        """The public half of a private half, as whoever verifies takes it."""


class TrustedKeys(Protocol):
    """The public keys that links are verified by: a group of five at most, which is made with its first."""

    def add(self, public: str) -> str:
        """Trust another public half, as PEM; its id, which links name."""

    def ids(self) -> Collection[str]:
        """Those that are trusted."""

    def keep(self, ids: Collection[str]) -> None:
        """Trust these and no others any more."""

    def group_id(self) -> str:
        """The group's id; it is there."""

    def remove(self, group_id: str) -> None:
        """Forget the group and all its keys, if this is its id, or there is none."""
