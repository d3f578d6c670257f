"""Putting our own function in place of one of MiniStack's, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Owner = MutableMapping[str, Any] | object
"""A table of functions, or a module or class that has them as attributes."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One function of MiniStack to be replaced."""

    owner: Owner
    name: str
    replacement: Callable[[Any], Any]
    """Makes our function from MiniStack's (None where MiniStack has none), so that it can build on it."""

    def current(self) -> Any:  # noqa: ANN401 - MiniStack is untyped
        """What stands there now; None for nothing."""
        if isinstance(self.owner, MutableMapping):
            return self.owner.get(self.name)
        return getattr(self.owner, self.name, None)

    def put(self, value: Any) -> None:  # noqa: ANN401 - MiniStack is untyped
        """Put ``value`` there; None removes what is there."""
        if isinstance(self.owner, MutableMapping):
            if value is None:
                self.owner.pop(self.name, None)
            else:
                self.owner[self.name] = value
        elif value is None:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, value)


class Fix:
    """A fault of MiniStack and the patches that mend it."""

    def __init__(self, *patches: Patch) -> None:
        """Take the patches, without applying them."""
        self._patches = patches
        self._originals: list[Any] = []

    def apply(self) -> None:
        """Mend the fault."""
        if self._originals:
            return
        for patch in self._patches:
            original = patch.current()
            self._originals.append(original)
            patch.put(patch.replacement(original))

    @contextmanager
    def undone(self) -> Iterator[None]:
        """MiniStack as it came, for the test that notices when upstream has mended the fault."""
        replacements = [patch.current() for patch in self._patches]
        for patch, original in zip(self._patches, self._originals, strict=True):
            patch.put(original)
        try:
            yield
        finally:
            for patch, replacement in zip(self._patches, replacements, strict=True):
                patch.put(replacement)
