"""The group of keys that CloudFront trusts: made with its first key, changed by its newest state, removed."""

from __future__ import annotations

from typing import Any

import pytest

from chat.adapters.key_group import KeyGroup

NAME = "parley-downloads"


class FakeCloudFront:
    """Groups and public keys of an account, listed one a page, each changed by its newest ETag alone."""

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self._made = 0

    def create_public_key(self, **asked: Any) -> dict[str, Any]:
        """Make one."""
        key = {"Id": f"K{self._next()}", **asked["PublicKeyConfig"]}
        self.keys[key["Id"]] = {"ETag": f"E{self._next()}", **key}
        return {"PublicKey": key}

    def get_public_key(self, **asked: str) -> dict[str, Any]:
        """Its ETag."""
        return {"ETag": self.keys[asked["Id"]]["ETag"]}

    def delete_public_key(self, **asked: str) -> None:
        """Remove one that is in no group."""
        assert asked["IfMatch"] == self.keys[asked["Id"]]["ETag"]
        assert not [group for group in self.groups.values() if asked["Id"] in group["Items"]]
        del self.keys[asked["Id"]]

    def list_public_keys(self, **asked: str) -> dict[str, Any]:
        """A page."""
        return {"PublicKeyList": self._page(list(self.keys.values()), asked)}

    def create_key_group(self, **asked: Any) -> None:
        """Make one."""
        config = asked["KeyGroupConfig"]
        assert config["Name"] not in {group["Name"] for group in self.groups.values()}
        self.groups[f"G{self._next()}"] = {"ETag": f"E{self._next()}", **config}

    def get_key_group(self, **asked: str) -> dict[str, Any]:
        """One, with its ETag."""
        group = self.groups[asked["Id"]]
        return {"ETag": group["ETag"], "KeyGroup": {"Id": asked["Id"], "KeyGroupConfig": group}}

    def update_key_group(self, **asked: Any) -> None:
        """Change one whose newest state the caller knows."""
        assert asked["IfMatch"] == self.groups[asked["Id"]]["ETag"]
        assert asked["KeyGroupConfig"]["Items"], "CloudFront refuses a group without a key"
        self.groups[asked["Id"]] = {"ETag": f"E{self._next()}", **asked["KeyGroupConfig"]}

    def delete_key_group(self, **asked: str) -> None:
        """Remove one."""
        assert asked["IfMatch"] == self.groups.pop(asked["Id"])["ETag"]

    def list_key_groups(self, **asked: str) -> dict[str, Any]:
        """A page."""
        listed = [{"KeyGroup": {"Id": name, "KeyGroupConfig": group}} for name, group in self.groups.items()]
        return {"KeyGroupList": self._page(listed, asked)}

    def _next(self) -> int:
        self._made += 1
        return self._made

    @staticmethod
    def _page(items: list[Any], asked: dict[str, str]) -> dict[str, Any]:
        """One item a page; a page without any has no list."""
        begin = int(asked.get("Marker", "0"))
        page = {"Items": items[begin : begin + 1]} if items else {}
        return page | ({"NextMarker": str(begin + 1)} if begin + 1 < len(items) else {})


@pytest.fixture
def cloudfront() -> FakeCloudFront:
    """An account in which others have keys and a group, whose names begin alike."""
    account = FakeCloudFront()
    for name in (f"{NAME}-other-0123456789abcdef", "another"):
        key = account.create_public_key(PublicKeyConfig={"Name": name})["PublicKey"]["Id"]
        account.create_key_group(KeyGroupConfig={"Name": name, "Items": [key]})
    return account


def test_group_is_made_with_its_first_key_and_takes_the_next(cloudfront: FakeCloudFront) -> None:
    """Under the stack's name, among those of others."""
    group = KeyGroup(cloudfront, NAME)
    assert group.ids() == ()
    first, second = group.add("public 1"), group.add("public 2")
    assert list(group.ids()) == [first, second]
    assert cloudfront.groups[group.group_id()]["Name"] == NAME
    assert cloudfront.keys[second]["EncodedKey"] == "public 2"
    assert cloudfront.keys[second]["Name"] == cloudfront.keys[second]["CallerReference"]


def test_keys_that_are_kept_stay_and_all_others_of_the_stack_go(cloudfront: FakeCloudFront) -> None:
    """Those of the group, and one that an attempt which failed has left beside it."""
    group = KeyGroup(cloudfront, NAME)
    others = set(cloudfront.keys)
    ids = [group.add(f"public {number}") for number in range(3)]
    cloudfront.create_public_key(PublicKeyConfig={"Name": f"{NAME}-{'0' * 16}"})
    group.keep([ids[2], ids[1]])
    assert list(group.ids()) == ids[1:]
    assert set(cloudfront.keys) == {*others, *ids[1:]}


def test_group_is_removed_with_its_keys_once_and_not_for_another(cloudfront: FakeCloudFront) -> None:
    """CloudFormation may ask again; and it asks to remove a group that this one has replaced."""
    group = KeyGroup(cloudfront, NAME)
    group.keep(())
    others = set(cloudfront.keys)
    key = group.add("public")
    group.remove("a group of before")
    assert list(group.ids()) == [key]
    group_id = group.group_id()
    for _ in range(2):
        group.remove(group_id)
    assert set(cloudfront.keys) == others
    assert len(cloudfront.groups) == 2
    with pytest.raises(LookupError, match=NAME):
        group.group_id()
