"""The key pairs that sign links to files: one half is a secret, and CloudFront trusts the other."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import msgspec

from chat.ports.keys import LinkKey
from chat.service.rotation import RotationError

if TYPE_CHECKING:
    from collections.abc import Collection

    from chat.ports.keys import KeyPairs, RotatedSecrets, TrustedKeys


class _Text(msgspec.Struct, frozen=True, rename="camel"):
    """What the secret holds, as JSON."""

    key_id: str
    private_key: str


def parse(text: str) -> LinkKey:
    """Read the secret's text."""
    found = msgspec.json.decode(text, type=_Text)
    return LinkKey(found.key_id, found.private_key)


class LinkKeys:
    """Makes, trusts and ends them; serves `rotation.Rotated`."""

    def __init__(self, pairs: KeyPairs, trusted: TrustedKeys) -> None:
        """Make pairs whose public halves are `trusted`."""
        self._pairs = pairs
        self._trusted = trusted

    def make(self) -> str:
        """Make a pair that is trusted from now on; the secret's text."""
        private = self._pairs.make()
        key_id = self._trusted.add(self._pairs.public_half(private))
        return msgspec.json.encode(_Text(key_id, private)).decode()

    def test(self, text: str) -> None:
        """Raise RotationError where links would be refused that the pair signs."""
        key_id = parse(text).key_id
        if key_id not in self._trusted.ids():
            raise RotationError(f"CloudFront does not trust the key {key_id}: rotate the secret once more.")

    def keep(self, texts: Collection[str]) -> None:
        """Trust these pairs alone, and whatever was made meanwhile no more."""
        self._trusted.keep([parse(text).key_id for text in texts])


class FirstLinkKey:
    """The first pair and its group, as a resource of the stack."""

    def __init__(self, keys: LinkKeys, trusted: TrustedKeys, versions: RotatedSecrets, name: str) -> None:
        """Keep the pair in the secret with this name, which is there."""
        self._keys = keys
        self._trusted = trusted
        self._versions = versions
        self._name = name

    def create(self) -> str:
        """Make them, unless an earlier attempt has; the group's id."""
        current = self._versions.read(self._name, "AWSCURRENT")
        if current is None or parse(current.text).key_id not in self._trusted.ids():
            self._versions.put(self._name, secrets.token_hex(16), self._keys.make(), "AWSCURRENT")
        return self._trusted.group_id()

    def delete(self, group_id: str) -> None:
        """Forget all pairs and the group; the secret itself goes with the stack."""
        self._trusted.remove(group_id)
