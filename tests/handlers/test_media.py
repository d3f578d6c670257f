"""Files beside messages: who may upload and download, what may be attached, what each type looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType, structs

from chat import media
from chat.append import Draft
from chat.attachments import Attachment, AttachmentDraft
from chat.errors import ChatError
from chat.service.media import Attachments, Downloads, Uploads
from chat.service.signing_keys import SigningKeys
from tests.handlers.support.fakes.clock import START, FakeClock
from tests.handlers.support.fakes.keys import FakeKeyPairs, FakeSecrets
from tests.handlers.support.fakes.media import FakeMediaLinks, FakeMediaStorage
from tests.handlers.support.fakes.messages import FakeMessages

if TYPE_CHECKING:
    from chat.service.membership import Membership

CHAT, OTHER_CHAT = "dm:alice:bob", "dm:alice:carol"
ID = "0123456789abcdef0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
BEGINNINGS = {
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "image/png": PNG,
    "image/gif": b"GIF89a\x01\x00",
    "image/webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "video/mp4": b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00",
    "video/webm": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81",
    "audio/mpeg": b"ID3\x04\x00\x00",
    "audio/mp4": b"\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00",
    "audio/ogg": b"OggS\x00\x02",
    "application/pdf": b"%PDF-1.7\n",
}
RUN_BY_BROWSERS = [
    b"<!doctype html>",
    b"<svg xmlns=",
    b"\n<html>",
    b"#!/bin/sh\n",
    b"MZ\x90\x00",
    b"PK\x03\x04",
    b"",
]


class Members:
    """Lets alice into every chat, and nobody else anywhere."""

    def __init__(self, visible_after: int = 0) -> None:
        self._visible_after = visible_after

    def require(self, user_id: str, chat_id: str) -> int:
        """Read."""
        self._require(user_id, chat_id)
        return self._visible_after

    def admit(self, user_id: str, chat_id: str, after: int) -> None:
        """Send."""
        assert after == 0
        self._require(user_id, chat_id)

    @staticmethod
    def _require(user_id: str, chat_id: str) -> None:
        if user_id != "alice":
            raise ChatError("unknown_chat", chat_id=chat_id)


@pytest.fixture
def storage() -> FakeMediaStorage:
    """No files."""
    return FakeMediaStorage()


@pytest.fixture
def members() -> Any:
    """Alice."""
    return Members()


def draft(number: int = 0, *, name: str = "cat.png", **more: Any) -> Draft:
    """A message with the file."""
    attachment = AttachmentDraft(ID, name, **more)
    return Draft(f"01JD5ZCV7M3V8Q6N1T9RZK4W2{number}", "", attachment)


def claim(storage: FakeMediaStorage, *drafts: Draft, user: str = "alice", chat: str = CHAT) -> Any:
    """Claim the drafts' files; the attachments in order."""
    return list(Attachments(lambda: storage).claim(user, chat, drafts).values())


def code(error: pytest.ExceptionInfo[ChatError]) -> str:
    """The error's code."""
    return error.value.code


@pytest.mark.parametrize(("type_", "beginning"), BEGINNINGS.items())
def test_file_that_begins_as_its_type_does_is_taken(
    storage: FakeMediaStorage, type_: str, beginning: bytes
) -> None:
    """Every type that is allowed has a beginning here."""
    assert BEGINNINGS.keys() == media.TYPES.keys()
    storage.upload(media.upload_key(CHAT, "alice", ID), beginning, type_, size=1_000)
    (attachment,) = claim(storage, draft(width=3, height=4))
    assert attachment == Attachment(ID, "cat.png", type_, 1_000, 3, 4)


@pytest.mark.parametrize("type_", media.TYPES)
def test_file_that_begins_otherwise_is_forged(storage: FakeMediaStorage, type_: str) -> None:
    """What is run is of no type, whatever it calls itself. Film and sound share MP4."""
    same = {type_} | {"video/mp4", "audio/mp4"} if type_.endswith("mp4") else {type_}
    others = [beginning for other, beginning in BEGINNINGS.items() if other not in same]
    for beginning in (*RUN_BY_BROWSERS, *others):
        storage.upload(media.upload_key(CHAT, "alice", ID), beginning, type_, size=1_000)
        with pytest.raises(ChatError) as refused:
            claim(storage, draft())
        assert code(refused) == "file_type_forged"
    assert not [key for key in storage.files if key.startswith("media/")]


@given(st.binary(max_size=media.BEGINNING))
def test_any_beginning_is_judged(beginning: bytes) -> None:
    """However short; and never as two kinds of file."""
    fitting = {type_.partition("/")[0] for type_, fits in media.TYPES.items() if fits(beginning)}
    assert len(fitting - {"video"}) <= 1


def test_upload_is_bound_to_its_user_its_chat_its_type_and_its_size(
    storage: FakeMediaStorage, members: Membership
) -> None:
    """All of it stands in the form that is signed."""
    upload = Uploads(members, storage, FakeClock()).grant("alice", CHAT, "image/png", 12_345)
    key = f"uploads/dm/alice/bob/alice/{upload.media_id}"
    assert storage.forms == [(key, "image/png", 12_345, media.UPLOAD_LIFETIME)]
    assert (upload.url, upload.fields) == ("https://storage.test/", {"key": key})
    assert upload.expires_at == "2027-01-15T08:05:00.000Z"
    msgspec.convert({"mediaId": upload.media_id, "name": "x"}, AttachmentDraft)


def test_uploads_have_ids_that_nobody_guesses(storage: FakeMediaStorage, members: Membership) -> None:
    """Each its own, of 128 bits."""
    uploads = Uploads(members, storage, FakeClock())
    ids = {uploads.grant("alice", CHAT, "image/png", 1).media_id for _ in range(50)}
    assert len(ids) == 50
    assert {len(id_) for id_ in ids} == {32}


@pytest.mark.parametrize(
    ("user", "type_", "size", "expected"),
    [
        ("alice", "text/html", 1, "file_type_refused"),
        ("alice", "image/svg+xml", 1, "file_type_refused"),
        ("alice", "image/PNG", 1, "file_type_refused"),
        ("alice", "image/png", media.MEDIA_LIMIT + 1, "file_too_large"),
        ("alice", "image/png", 30 * 1_024 * 1_024, "file_too_large"),
        ("mallory", "image/png", 1, "unknown_chat"),
    ],
)
def test_upload_that_is_refused_gets_no_form(
    storage: FakeMediaStorage, members: Membership, user: str, type_: str, size: int, expected: str
) -> None:
    """Neither too large, nor of another type, nor by who may not send."""
    with pytest.raises(ChatError) as refused:
        Uploads(members, storage, FakeClock()).grant(user, CHAT, type_, size)
    assert code(refused) == expected
    assert storage.forms == []


@pytest.mark.parametrize(("user", "chat"), [("bob", CHAT), ("alice", OTHER_CHAT), ("mallory", OTHER_CHAT)])
def test_upload_of_another_user_or_chat_is_unknown(storage: FakeMediaStorage, user: str, chat: str) -> None:
    """Before a message refers to it, and afterwards."""
    storage.upload(media.upload_key(CHAT, "alice", ID), PNG)
    for _ in range(2):
        with pytest.raises(ChatError) as refused:
            claim(storage, draft(), user=user, chat=chat)
        assert code(refused) == "unknown_file"
        claim(storage, draft())


def test_file_is_for_one_message(storage: FakeMediaStorage) -> None:
    """It goes with that one: another that refers to it would be left without."""
    storage.upload(media.upload_key(CHAT, "alice", ID), PNG)
    claim(storage, draft(1))
    with pytest.raises(ChatError) as refused:
        claim(storage, draft(2))
    assert code(refused) == "unknown_file"


def test_file_that_is_not_there_is_unknown(storage: FakeMediaStorage) -> None:
    """A message refers to nothing that is still to come."""
    with pytest.raises(ChatError) as refused:
        claim(storage, draft())
    assert code(refused) == "unknown_file"


def test_claimed_file_is_kept_as_it_was(storage: FakeMediaStorage) -> None:
    """What is uploaded to the same place later reaches no message: the first stays, also for a retry."""
    source = media.upload_key(CHAT, "alice", ID)
    storage.upload(source, PNG, size=100, version="1")
    (first,) = claim(storage, draft())
    storage.upload(source, PNG, size=200, version="2")
    (again,) = claim(storage, draft())
    assert (first.bytes, again.bytes) == (100, 100)
    assert storage.files[media.kept_key(CHAT, ID)].version == "1"


def test_file_replaced_between_look_and_copy_is_not_kept(storage: FakeMediaStorage) -> None:
    """What was looked at is what is kept, or nothing is."""
    source = media.upload_key(CHAT, "alice", ID)
    storage.upload(source, PNG)
    look = storage.find

    def look_and_replace(key: str) -> Any:
        found = look(key)
        if key == source:
            storage.upload(source, b"<script>", version="2")
        return found

    storage.find = look_and_replace  # type: ignore[method-assign]
    with pytest.raises(ChatError) as refused:
        claim(storage, draft())
    assert code(refused) == "unknown_file"
    assert media.kept_key(CHAT, ID) not in storage.files


def test_retry_finds_the_file_when_the_upload_has_been_cleared_away(storage: FakeMediaStorage) -> None:
    """A day later, say."""
    source = media.upload_key(CHAT, "alice", ID)
    storage.upload(source, PNG)
    first = claim(storage, draft())
    del storage.files[source]
    assert claim(storage, draft()) == first


def test_messages_without_files_ask_no_storage() -> None:
    """It is not even made."""

    def make() -> FakeMediaStorage:
        raise AssertionError

    assert Attachments(make).claim("alice", CHAT, [Draft("01JD5ZCV7M3V8Q6N1T9RZK4W2E", "hi")]) == {}


def test_one_bad_file_refuses_all_drafts(storage: FakeMediaStorage) -> None:
    """The good one may be sent again without it."""
    storage.upload(media.upload_key(CHAT, "alice", ID), PNG)
    missing = Draft("01JD5ZCV7M3V8Q6N1T9RZK4W2Z", "", AttachmentDraft("f" * 32, "x"))
    with pytest.raises(ChatError) as refused:
        claim(storage, draft(), missing)
    assert code(refused) == "unknown_file"
    assert len(claim(storage, draft())) == 1


@given(st.text(st.characters(exclude_characters="\r\n"), min_size=1, max_size=40))
def test_disposition_is_ascii_and_one_parameter(name: str) -> None:
    """No name breaks out of the header."""
    header = media.disposition(name.encode("utf-8", "replace").decode())
    start, _, value = header.partition("''")
    assert start == "attachment; filename*=UTF-8"
    assert value.isascii()
    assert not set(value) & set(" ;,\"'\\\r\n")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "a/b"},
        {"name": "a\\b"},
        {"name": "a\nb"},
        {"name": "photo\u202egnp.exe"},
        {"name": "x" * 256},
        {"mediaId": "../../etc"},
        {"mediaId": ID.upper()},
        {"width": 0},
        {"height": 65_536},
        {"contentType": "text/html"},
    ],
)
def test_attachment_that_does_not_fit_is_refused(changes: dict[str, object]) -> None:
    """Names without paths or tricks, ids as the service makes them, and no word on the type."""
    good = {"mediaId": ID, "name": "cat.png", "width": 1, "height": 65_535}
    msgspec.convert(good, AttachmentDraft)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**good, **changes}, AttachmentDraft)


def test_draft_needs_a_text_or_a_file() -> None:
    """A picture says enough."""
    id_ = "01JD5ZCV7M3V8Q6N1T9RZK4W2E"
    attached = {"id": id_, "text": "", "attachment": {"mediaId": ID, "name": "cat.png"}}
    assert msgspec.convert(attached, Draft).attachment is not UNSET
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"id": id_, "text": ""}, Draft)


def test_link_is_for_one_file_of_the_chat_and_a_few_minutes(members: Membership) -> None:
    """The key says which; nobody asks the storage, or for the message."""
    messages = FakeMessages()
    download = Downloads(members, messages, FakeMediaLinks(), FakeClock()).link("alice", CHAT, ID, UNSET)
    assert messages.gets == 0
    until = int(START) + media.LINK_LIFETIME
    assert download.url == f"https://files.test/media/dm/alice/bob/{ID}?until={until}"
    assert download.expires_at == "2027-01-15T08:05:00.000Z"


@pytest.mark.parametrize(
    ("user", "media_id", "expected"),
    [
        ("mallory", ID, "unknown_chat"),
        ("mallory", "no id", "unknown_chat"),
        ("alice", "no id", "unknown_file"),
        ("alice", f"../carol/{ID}", "unknown_file"),
        ("alice", "", "unknown_file"),
    ],
)
def test_link_is_refused(members: Membership, user: str, media_id: str, expected: str) -> None:
    """To strangers, and to what leads elsewhere."""
    with pytest.raises(ChatError) as refused:
        Downloads(members, FakeMessages(), FakeMediaLinks(), FakeClock()).link(user, CHAT, media_id, UNSET)
    assert code(refused) == expected


OTHER_ID = "f" * 32


@pytest.mark.parametrize(
    ("seq", "media_id", "is_given"),
    [
        (3, ID, True),
        (2, OTHER_ID, False),
        (3, OTHER_ID, False),
        (4, ID, False),
        (9, ID, False),
        (UNSET, ID, False),
    ],
)
def test_link_for_who_joined_later_is_to_a_file_of_a_message_that_they_see(
    seq: int | UnsetType, media_id: str, is_given: bool
) -> None:
    """Of the messages 1 to 4, the second and the third have files, and the last two are shown."""
    messages = FakeMessages()
    members: Any = Members(visible_after=2)
    messages.write(CHAT, "bob", "1", "2", "3", "4")
    for number, file in ((2, OTHER_ID), (3, ID)):
        attachment = Attachment(file, "cat.png", "image/png", 1)
        messages.logs[CHAT][number] = structs.replace(messages.logs[CHAT][number], attachment=attachment)
    downloads = Downloads(members, messages, FakeMediaLinks(), FakeClock())
    if is_given:
        assert ID in downloads.link("alice", CHAT, media_id, seq).url
        return
    with pytest.raises(ChatError) as refused:
        downloads.link("alice", CHAT, media_id, seq)
    assert code(refused) == "unknown_file"


def test_key_made_twice_is_one_key() -> None:
    """CloudFormation may ask again: what was signed by the first must not become void."""
    pairs, secrets = FakeKeyPairs(), FakeSecrets()
    keys = SigningKeys(pairs, secrets)
    assert keys.create("/key-1") == keys.create("/key-1") == "public 1"
    assert keys.create("/key-2") != "public 1"
    keys.delete("/key-1")
    keys.delete("/key-1")
    assert list(secrets.texts) == ["/key-2"]
