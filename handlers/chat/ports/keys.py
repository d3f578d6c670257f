"""Secrets, and the keys by which something is signed."""

from __future__ import annotations

from typing import Protocol


class Secrets(Protocol):
    """Texts that only functions which need them can read, by name."""

    def add(self, name: str, text: str) -> None:
        """Write a secret unless there is one with this name."""

    def get(self, name: str) -> str:
        """The secret; it is there."""

    def remove(self, name: str) -> None:
        """Forget the secret, if it is there."""


class KeyPairs(Protocol):
    """Pairs of keys by which something is signed."""

    def make(self) -> str:
        """Make a pair; its private half, as PEM."""

    def public_half(self, private: str) -> str:
        """The public half of a private half, as whoever verifies takes it."""
