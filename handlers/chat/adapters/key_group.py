"""The public keys by which CloudFront verifies signed links, in a key group of the stack's."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_NUMBER_BYTES = 8


class _Group(NamedTuple):
    id: str
    key_ids: Sequence[str]
    etag: str


class KeyGroup:
    """Serves `ports.TrustedKeys`."""

    def __init__(self, client: Any, name: str) -> None:  # noqa: ANN401 - its types are not installed
        """Use CloudFront's group with this name; its keys' names begin with it."""
        self._client = client
        self._name = name

    def add(self, public: str) -> str:
        """Trust another public half, as PEM; its id, which links name."""
        name = f"{self._name}-{secrets.token_hex(_NUMBER_BYTES)}"
        config = {"CallerReference": name, "Name": name, "EncodedKey": public}
        key_id: str = self._client.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"]
        group = self._find()
        if group is None:
            self._client.create_key_group(KeyGroupConfig={"Name": self._name, "Items": [key_id]})
        else:
            self._update(group, [*group.key_ids, key_id])
        return key_id

    def ids(self) -> Collection[str]:
        """Those that are trusted."""
        group = self._find()
        return group.key_ids if group else ()

    def keep(self, ids: Collection[str]) -> None:
        """Trust these and no others any more."""
        group = self._find()
        if group is None:
            return
        kept = [key_id for key_id in group.key_ids if key_id in ids]
        if kept != list(group.key_ids):
            self._update(group, kept)
        self._forget_keys_but(kept)

    def group_id(self) -> str:
        """The group's id; LookupError where there is none."""
        group = self._find()
        if group is None:
            raise LookupError(f"There is no key group {self._name}: add a key first.")
        return group.id

    def remove(self, group_id: str) -> None:
        """Forget the group and all its keys, if this is its id, or there is none."""
        group = self._find()
        if group is not None and group.id != group_id:
            return
        if group is not None:
            self._client.delete_key_group(Id=group.id, IfMatch=group.etag)
        self._forget_keys_but(())

    def _find(self) -> _Group | None:
        for item in _pages(self._client.list_key_groups, "KeyGroupList"):
            if item["KeyGroup"]["KeyGroupConfig"]["Name"] == self._name:
                found = self._client.get_key_group(Id=item["KeyGroup"]["Id"])
                group = found["KeyGroup"]
                return _Group(group["Id"], group["KeyGroupConfig"]["Items"], found["ETag"])
        return None

    def _update(self, group: _Group, key_ids: Sequence[str]) -> None:
        config = {"Name": self._name, "Items": list(key_ids)}
        self._client.update_key_group(Id=group.id, IfMatch=group.etag, KeyGroupConfig=config)

    def _forget_keys_but(self, kept: Collection[str]) -> None:
        """Also those that an attempt which failed has left beside the group: an account has few."""
        ours = re.compile(rf"{re.escape(self._name)}-[0-9a-f]{{{2 * _NUMBER_BYTES}}}")
        for key in list(_pages(self._client.list_public_keys, "PublicKeyList")):
            if ours.fullmatch(key["Name"]) and key["Id"] not in kept:
                etag = self._client.get_public_key(Id=key["Id"])["ETag"]
                self._client.delete_public_key(Id=key["Id"], IfMatch=etag)


def _pages(ask: Any, name: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - a method of the client
    """The items of all pages of a list of CloudFront's."""
    marker: dict[str, str] = {}
    while True:
        page = ask(**marker)[name]
        yield from page.get("Items", ())
        if not page.get("NextMarker"):
            return
        marker = {"Marker": page["NextMarker"]}
