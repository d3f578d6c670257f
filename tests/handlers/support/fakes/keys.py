"""Secrets and keys in memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chat.ports.keys import Version

if TYPE_CHECKING:
    from collections.abc import Collection

    from chat.ports.keys import Stage
    from tests.handlers.support.fakes.clock import FakeClock


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


def link_key_text(private: str, key_id: str = "K2JCJMDEHXQW5F") -> str:
    """What the secret of a key that signs links holds."""
    return json.dumps({"keyId": key_id, "privateKey": private})


class FakeRotatedSecrets:
    """One secret's versions, labelled as Secrets Manager labels them."""

    def __init__(self, clock: FakeClock, *texts: str) -> None:
        """Begin with these texts: the current one, and the previous."""
        self._clock = clock
        self.versions: dict[str, Version] = {}
        """By label."""
        self.reads = 0
        for stage, text in zip(("AWSCURRENT", "AWSPREVIOUS"), texts, strict=False):
            self.versions[stage] = Version(f"version of {text}", text, float("-inf"))

    def read(self, _name: str, stage: Stage) -> Version | None:
        """The version with this label."""
        self.reads += 1
        return self.versions.get(stage)

    def put(self, _name: str, version_id: str, text: str, stage: Stage) -> None:
        """Write a version."""
        self.versions[stage] = Version(version_id, text, self._clock.time)

    def promote(self, _name: str, version_id: str, current_id: str) -> None:
        """Make the pending version the current one, which keeps its other label."""
        pending, current = self.versions["AWSPENDING"], self.versions["AWSCURRENT"]
        assert (pending.id, current.id) == (version_id, current_id)
        self.versions |= {"AWSCURRENT": pending, "AWSPREVIOUS": current}


class FakeTrustedKeys:
    """Numbered keys."""

    def __init__(self) -> None:
        self.made = 0
        self.trusted: dict[str, str] = {}
        """Public halves by id."""

    def add(self, public: str) -> str:
        """Trust."""
        assert len(self.trusted) < 5, "CloudFront takes no sixth"
        self.made += 1
        self.trusted[f"key-{self.made}"] = public
        return f"key-{self.made}"

    def ids(self) -> Collection[str]:
        """All."""
        return self.trusted.keys()

    def keep(self, ids: Collection[str]) -> None:
        """Forget others."""
        self.trusted = {key_id: public for key_id, public in self.trusted.items() if key_id in ids}

    def group_id(self) -> str:
        """The only one."""
        return "group"

    def remove(self, group_id: str) -> None:
        """Forget all."""
        if group_id == "group":
            self.trusted.clear()
