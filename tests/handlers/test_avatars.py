"""Avatars: what may be one, whose it is, when its file goes, and the one link that leads to all."""

from __future__ import annotations

import base64
import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from chat import media
from chat.adapters.links import CloudFrontLinks, RsaKeyPairs
from chat.domain import User
from chat.errors import ChatError
from chat.ports.keys import LinkKey
from chat.protocol.http_media import RequestUpload
from chat.protocol.http_users import UpdateUser
from chat.service.avatars import Avatars, AvatarsLinks
from chat.service.users import UpdateProfile
from tests.handlers.support.fakes.clock import START, FakeClock
from tests.handlers.support.fakes.keys import link_key_text
from tests.handlers.support.fakes.media import FakeMediaLinks, FakeMediaStorage
from tests.handlers.support.fakes.users import FakeUsers
from tests.handlers.support.gateway_events import Person

if TYPE_CHECKING:
    from tests.handlers.support.service import Parley

FIRST, SECOND = "1" * 32, "2" * 32
PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)


class Profiles:
    """Alice's and bob's profiles and files, and the service that changes them."""

    def __init__(self) -> None:
        self.storage = FakeMediaStorage()
        self.users = FakeUsers(User("alice", "Alice"), User("bob", "bob"))
        self.avatars = Avatars(lambda: self.storage, FakeClock())
        self.update = UpdateProfile(self.users, self.avatars)

    def upload(self, user_id: str, media_id: str, beginning: bytes = PNG, **more: Any) -> None:
        """Upload a file as a user's avatar to be."""
        self.storage.upload(media.avatar_upload_key(user_id, media_id), beginning, **more)

    def kept(self) -> set[str]:
        """The avatars that lie where they are seen."""
        return {key for key in self.storage.files if key.startswith("media/")}

    def refusal(self, media_id: str, user_id: str = "alice") -> str:
        """The code by which an avatar is refused; the profile stays as it was."""
        before = dict(self.users.users)
        with pytest.raises(ChatError) as refused:
            self.update(user_id, {"avatar": media_id})
        assert self.users.users == before
        return refused.value.code


@pytest.fixture
def profiles() -> Profiles:
    """Nobody has an avatar."""
    return Profiles()


def test_avatar_that_was_uploaded_is_the_users(profiles: Profiles) -> None:
    """It stands in the profile, beside what is changed with it, and lies where it is seen."""
    profiles.upload("alice", FIRST)
    user = profiles.update("alice", {"avatar": FIRST, "about": "hi"})
    assert user == User("alice", "Alice", about="hi", avatar=FIRST)
    assert profiles.kept() == {f"media/avatars/alice/{FIRST}"}


def test_avatar_of_another_user_is_unknown(profiles: Profiles) -> None:
    """Uploaded or worn."""
    profiles.upload("bob", FIRST)
    assert profiles.refusal(FIRST) == "unknown_file"
    profiles.update("bob", {"avatar": FIRST})
    assert profiles.refusal(FIRST) == "unknown_file"


def test_avatar_that_was_uploaded_for_a_chat_is_unknown(profiles: Profiles) -> None:
    """An attachment is no avatar."""
    profiles.storage.upload(media.upload_key("dm:alice:bob", "alice", FIRST), PNG)
    assert profiles.refusal(FIRST) == "unknown_file"


@pytest.mark.parametrize(
    ("beginning", "kind", "size", "code"),
    [
        (b"<script>", "image/png", 8, "file_type_forged"),
        (b"%PDF-1.7", "application/pdf", 8, "file_type_refused"),
        (b"<svg>", "image/svg+xml", 8, "file_type_refused"),
        (PNG, "image/png", media.AVATAR_LIMIT + 1, "file_too_large"),
    ],
)
def test_file_that_is_no_avatar_is_refused(
    profiles: Profiles, beginning: bytes, kind: str, size: int, code: str
) -> None:
    """Whatever the form was given for, and the one that the user has stays."""
    profiles.upload("alice", SECOND)
    profiles.update("alice", {"avatar": SECOND})
    profiles.upload("alice", FIRST, beginning, content_type=kind, size=size)
    assert profiles.refusal(FIRST) == code
    assert profiles.kept() == {media.avatar_key("alice", SECOND)}


@pytest.mark.parametrize(
    ("kind", "size", "code"),
    [
        ("text/html", 1, "file_type_refused"),
        ("video/mp4", 1, "file_type_refused"),
        ("image/png", media.AVATAR_LIMIT + 1, "file_too_large"),
    ],
)
def test_upload_that_can_be_no_avatar_gets_no_form(
    profiles: Profiles, kind: str, size: int, code: str
) -> None:
    """Images of 1 MB at most."""
    with pytest.raises(ChatError) as refused:
        profiles.avatars.grant("alice", kind, size)
    assert refused.value.code == code
    assert profiles.storage.forms == []


def test_upload_is_bound_to_its_user_its_type_and_its_size(profiles: Profiles) -> None:
    """All of it stands in the form that is signed."""
    upload = profiles.avatars.grant("alice", "image/png", media.AVATAR_LIMIT)
    key = f"uploads/avatars/alice/{upload.media_id}"
    assert profiles.storage.forms == [(key, "image/png", media.AVATAR_LIMIT, media.UPLOAD_LIFETIME)]


def test_avatar_replaced_or_removed_is_gone(profiles: Profiles) -> None:
    """With what was uploaded as it; and it is no longer there to be taken again."""
    for media_id in (FIRST, SECOND):
        profiles.upload("alice", media_id)
        assert profiles.update("alice", {"avatar": media_id}).avatar == media_id
    assert profiles.kept() == {media.avatar_key("alice", SECOND)}
    assert profiles.update("alice", {"avatar": None}).avatar is UNSET
    assert profiles.storage.files == {}
    assert profiles.refusal(SECOND) == "unknown_file"


def test_avatar_named_again_stays(profiles: Profiles) -> None:
    """A request that is repeated, even a day later, changes nothing."""
    profiles.upload("alice", FIRST)
    for _ in range(2):
        assert profiles.update("alice", {"avatar": FIRST}).avatar == FIRST
    del profiles.storage.files[media.avatar_upload_key("alice", FIRST)]
    assert profiles.update("alice", {"avatar": FIRST}).avatar == FIRST
    assert profiles.kept() == {media.avatar_key("alice", FIRST)}


def test_avatar_of_a_deleted_account_is_not_kept(profiles: Profiles) -> None:
    """Also where the account ends while the file is being kept."""
    profiles.upload("alice", FIRST)
    keep = profiles.avatars.keep

    def keep_and_delete(user_id: str, media_id: str) -> None:
        keep(user_id, media_id)
        profiles.users.delete(user_id, "now")

    profiles.avatars.keep = keep_and_delete  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(ChatError, match="unknown_user"):
            profiles.update("alice", {"avatar": FIRST})
    assert profiles.storage.files == {}


class Crash(Exception):  # noqa: N818 - it is no error of ours
    """The environment is gone."""


@given(st.lists(st.tuples(st.sampled_from([FIRST, SECOND, None]), st.integers(0, 12)), max_size=8))
def test_changes_that_are_repeated_after_faults_leave_no_file_that_nobody_names(
    changes: list[tuple[str | None, int]],
) -> None:
    """Each change may stop at any request of storage, and is repeated then. One file is there, or none."""
    profiles = Profiles()
    for media_id, steps in changes:
        if media_id is not None:
            profiles.upload("alice", media_id)
        for budget in (steps, 1_000):
            storage = Interrupted(profiles.storage, budget)
            avatars = Avatars(lambda storage=storage: storage, FakeClock())  # type: ignore[misc]
            try:
                UpdateProfile(profiles.users, avatars)("alice", {"avatar": media_id})
            except Crash:
                continue
        worn = profiles.users.users["alice"].avatar
        assert worn == (UNSET if media_id is None else media_id)
        assert profiles.kept() == ({media.avatar_key("alice", media_id)} if media_id else set())


class Interrupted(FakeMediaStorage):
    """Storage that is asked only so often before the environment is gone."""

    def __init__(self, storage: FakeMediaStorage, budget: int) -> None:
        super().__init__()
        self.files, self._budget = storage.files, budget

    def find(self, key: str) -> Any:
        """Look, or crash."""
        self._step()
        return super().find(key)

    def remove(self, key: str) -> None:
        """Remove, or crash."""
        self._step()
        super().remove(key)

    def _step(self) -> None:
        self._budget -= 1
        if self._budget < 0:
            raise Crash


def test_link_to_avatars_stays_the_same_for_half_a_day() -> None:
    """So that browsers keep what they have; it is good for half a day more, and names no user."""
    clock = FakeClock()
    links = AvatarsLinks(FakeMediaLinks(), clock)
    now = int(START)
    left = media.AVATARS_PERIOD - now % media.AVATARS_PERIOD
    first = links()
    until = now + left + media.AVATARS_PERIOD
    assert first.url == f"https://files.test/media/avatars/{{userId}}/{{avatar}}?all-until={until}"
    clock.time += left - 1
    assert links() == first
    clock.time += 1
    assert links() != first


def test_link_to_avatars_opens_avatars_and_nothing_else() -> None:
    """Its policy, signed by the stack's key, fits every avatar's address and no attachment's."""
    pairs = RsaKeyPairs()
    pem = pairs.make()
    links = CloudFrontLinks("https://files.test", lambda: LinkKey("KEY", pem))
    url = urlsplit(links.sign_all(media.AVATARS, 1_800_000_000))
    assert links.sign_all(media.AVATARS, 1_800_000_000) == url.geturl()
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert url.path == "/media/avatars/*"
    assert query.keys() == {"Policy", "Signature", "Key-Pair-Id"}

    def decoded(name: str) -> bytes:
        return base64.b64decode(query[name].translate(str.maketrans("-_~", "+=/")))

    public = serialization.load_pem_public_key(pairs.public_half(pem).encode())
    assert isinstance(public, rsa.RSAPublicKey)
    public.verify(decoded("Signature"), decoded("Policy"), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
    (statement,) = json.loads(decoded("Policy"))["Statement"]
    assert statement["Condition"] == {"DateLessThan": {"AWS:EpochTime": 1_800_000_000}}
    avatar, attachment = media.avatar_key("alice", FIRST), media.kept_key("dm:alice:bob", FIRST)
    assert fnmatchcase(f"https://files.test/{avatar}", statement["Resource"])
    assert not fnmatchcase(f"https://files.test/{attachment}", statement["Resource"])


@pytest.mark.parametrize(
    "body",
    [
        {"contentType": "image/png", "bytes": 1},
        {"kind": "attachment", "contentType": "image/png", "bytes": 1},
        {"kind": "avatar", "chatId": "dm:a:b", "contentType": "image/png", "bytes": 1},
        {"kind": "film", "contentType": "image/png", "bytes": 1},
    ],
)
def test_upload_for_nothing_or_for_two_things_is_refused(body: dict[str, object]) -> None:
    """An attachment is for a chat, an avatar for none."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, RequestUpload)


@pytest.mark.parametrize("avatar", ["../bob", FIRST.upper().replace("1", "A"), FIRST[1:], None, 1])
def test_avatar_that_is_no_id_is_refused(avatar: object) -> None:
    """Before anything is asked."""
    assert msgspec.convert({"avatar": ""}, UpdateUser).changes() == {"avatar": None}
    assert msgspec.convert({"avatar": FIRST}, UpdateUser).changes() == {"avatar": FIRST}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"avatar": avatar}, UpdateUser)


def test_avatar_is_shown_with_its_user_at_no_cost(parley: Parley) -> None:
    """Set, shown with the chat and by itself, replaced and removed: each with the requests that it costs."""
    alice, bob = Person("alice"), Person("bob")
    chat_id = parley.chat(alice, bob)
    for media_id in (FIRST, SECOND):
        key = f"media-bucket/{media.avatar_upload_key(alice.user_id, media_id)}"
        parley.aws.files.put(key, PNG, "image/png")
    costs = {
        FIRST: ["GetItem", "GetObject", "CopyObject", "UpdateItem"],
        SECOND: ["GetItem", "GetObject", "CopyObject", "DeleteObject", "DeleteObject", "UpdateItem"],
        "": ["GetItem", "DeleteObject", "DeleteObject", "UpdateItem"],
    }
    for avatar, cost in costs.items():
        parley.aws.reset()
        status, user = parley.request(alice, "PATCH /users/me", {"avatar": avatar})
        assert (status, user.get("avatar", "")) == (200, avatar)
        assert parley.aws.operations() == cost
        parley.aws.reset()
        chat = parley.request(bob, "GET /chats/{chatId}", path={"chatId": chat_id})[1]
        assert chat["otherMember"].get("avatar", "") == avatar
        assert parley.aws.operations() == ["GetItem", "Query", "Query", "BatchGetItem"]
        path = {"userId": alice.user_id}
        assert parley.request(bob, "GET /users/{userId}", path=path)[1].get("avatar", "") == avatar
    parley.aws.files.secrets.setdefault("parley-download-key", link_key_text(RsaKeyPairs().make()))
    assert parley.request(bob, "GET /avatars")[0] == 200
    parley.aws.reset()
    assert parley.request(bob, "GET /avatars")[0] == 200
    assert parley.aws.operations() == []
