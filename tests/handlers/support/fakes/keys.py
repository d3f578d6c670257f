"""Secrets and keys in memory."""

from __future__ import annotations


class FakeSecrets:
    """Texts by name."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def add(self, name: str, text: str) -> None:
        """Keep, unless there is one."""
        self.texts.setdefault(name, text)

    def get(self, name: str) -> str:
        """One."""
        return self.texts[name]

    def remove(self, name: str) -> None:
        """Forget."""
        self.texts.pop(name, None)


class FakeKeyPairs:
    """Numbered pairs."""

    def __init__(self) -> None:
        self.made = 0

    def make(self) -> str:
        """The next."""
        self.made += 1
        return f"private {self.made}"

    def public_half(self, private: str) -> str:
        """Of the same number."""
        return private.replace("private", "public")
