"""Files: members exchange them; what is too large, forged, of another chat or of nobody's is refused."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from e2e.support.files import Files, png, send_file, web
from e2e.support.groups import open_group
from e2e.support.parley import send_message

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person

IMAGE = png(64, 48)
MEGABYTE = 1_024 * 1_024
PAGE = b"<!doctype html><script>alert(document.domain)</script>"


@pytest.fixture
async def chat_id(parley: Parley, alice: Person, bob: Person) -> str:
    """Open the chat of alice and bob."""
    return await parley.direct_chat(alice, bob)


async def refused(parley: Parley, person: Person, chat_id: str, media_id: str) -> str:
    """Send a file that must be refused, both ways; the error's code. Nothing is written."""
    async with parley.socket(person) as socket:
        answer = await socket.ask(send_file(chat_id, 0, media_id))
    assert answer["type"] == "error", answer
    assert answer["definite"]
    frame = send_file(chat_id, 0, media_id)
    body = {"after": 0, "messages": frame["messages"]}
    response = await parley.rest.post(f"/chats/{chat_id}/messages", headers=person.authorization, json=body)
    assert response.json()["error"]["code"] == answer["code"]
    assert await parley.history(person, chat_id) == []
    return str(answer["code"])


async def test_two_members_exchange_an_image(
    parley: Parley, files: Files, alice: Person, bob: Person, chat_id: str
) -> None:
    """Bob is pushed the message with what he needs to lay it out, and downloads what alice uploaded."""
    name = 'Kätzchen "1".png'
    async with parley.socket(bob) as socket:
        media_id = await files.upload(alice, chat_id, IMAGE)
        async with parley.socket(alice) as sender:
            frame = send_file(chat_id, 0, media_id, name=name, text="look", width=64, height=48)
            assert (await sender.ask(frame))["type"] == "ack"
        pushed = await socket.first(lambda seen: seen.get("type") == "message")
    attachment = {
        "mediaId": media_id,
        "name": name,
        "contentType": "image/png",
        "bytes": len(IMAGE),
        "width": 64,
        "height": 48,
    }
    assert pushed["message"]["attachment"] == attachment
    assert [message["attachment"] for message in await parley.history(bob, chat_id)] == [attachment]
    answer = await files.open(await files.link(bob, chat_id, media_id))
    assert answer.status_code == 200
    assert answer.content == IMAGE
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_image_is_sent_over_http_as_over_the_socket(
    parley: Parley, files: Files, alice: Person, bob: Person, chat_id: str
) -> None:
    """Without a text, too; and the uploader may download it as well."""
    media_id = await files.upload(alice, chat_id, IMAGE)
    body = {"after": 0, "messages": send_file(chat_id, 0, media_id)["messages"]}
    response = await parley.rest.post(f"/chats/{chat_id}/messages", headers=alice.authorization, json=body)
    assert response.status_code == 200, response.text
    (message,) = await parley.history(bob, chat_id)
    assert (message["text"], message["attachment"]["mediaId"]) == ("", media_id)
    assert (await files.open(await files.link(alice, chat_id, media_id))).content == IMAGE


async def test_send_with_a_file_is_repeated_like_any_other(
    parley: Parley, files: Files, alice: Person, chat_id: str
) -> None:
    """The same frame gets the same ack, and there is one message."""
    media_id = await files.upload(alice, chat_id, IMAGE)
    frame = send_file(chat_id, 0, media_id)
    async with parley.socket(alice) as socket:
        first = await socket.ask(frame)
        assert first["type"] == "ack"
        assert (await socket.ask({**frame, "requestId": "again"}))["messages"] == first["messages"]
    assert len(await parley.history(alice, chat_id)) == 1


async def test_file_that_was_sent_cannot_be_replaced(
    parley: Parley, files: Files, alice: Person, bob: Person, chat_id: str
) -> None:
    """The form is still good, but it uploads to where nothing refers to; and a file is one message's."""
    form = await files.form(alice, chat_id, len(IMAGE))
    assert (await files.post(form, IMAGE)).status_code == 204
    async with parley.socket(alice) as socket:
        frame = send_file(chat_id, 0, form.media_id)
        assert (await socket.ask(frame))["type"] == "ack"
        other = IMAGE[:-20] + bytes(20)
        assert (await files.post(form, other)).status_code == 204
        assert (await socket.ask({**frame, "requestId": "again"}))["type"] == "ack"
        answer = await socket.ask(send_file(chat_id, 1, form.media_id))
        assert answer.get("code") == "unknown_file"
    assert (await files.open(await files.link(bob, chat_id, form.media_id))).content == IMAGE


async def test_file_goes_with_its_message(
    parley: Parley, files: Files, alice: Person, bob: Person, chat_id: str
) -> None:
    """Once alice has deleted the message, neither a link that bob has nor a new one opens the file.

    Her send, when she repeats it, is acked as it was: the message is there; a new one cannot have the file.
    """
    media_id = await files.upload(alice, chat_id, IMAGE)
    async with parley.socket(alice) as socket:
        frame = send_file(chat_id, 0, media_id)
        ack = await socket.ask(frame)
        assert ack["type"] == "ack"
        link = await files.link(bob, chat_id, media_id)
        assert (await files.open(link)).status_code == 200
        deletion = {"action": "deleteMessage", "requestId": "d", "chatId": chat_id, "seq": 1}
        assert (await socket.ask(deletion))["type"] == "changed"
        assert (await socket.ask({**frame, "requestId": "again"})).get("messages") == ack["messages"]
        refused = await socket.ask(send_file(chat_id, 1, media_id))
        assert refused.get("code") == "unknown_file"
    for each in (link, await files.link(bob, chat_id, media_id)):
        assert (await files.open(each)).status_code == 403
    (message,) = await parley.history(bob, chat_id)
    assert "attachment" not in message


async def test_file_of_30_megabytes_is_refused(files: Files, alice: Person, chat_id: str) -> None:
    """When it is asked for; and by the storage, when less was asked for."""
    answer = await files.ask(alice, chat_id, 30 * MEGABYTE)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "file_too_large"
    assert (await files.ask(alice, chat_id, 25 * MEGABYTE)).status_code == 200
    form = await files.form(alice, chat_id, len(IMAGE))
    answer = await files.post(form, IMAGE + bytes(30 * MEGABYTE))
    assert answer.status_code == 400
    assert "EntityTooLarge" in answer.text
    assert "EntityTooSmall" in (await files.post(form, IMAGE[:-1])).text


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/x-msdownload", "IMAGE/PNG"])
async def test_type_that_is_not_taken_is_refused(
    files: Files, alice: Person, chat_id: str, kind: str
) -> None:
    """Nothing that a browser would run."""
    answer = await files.ask(alice, chat_id, 100, kind)
    assert answer.status_code == 415
    assert answer.json()["error"]["code"] == "file_type_refused"


async def test_form_uploads_nothing_but_what_it_was_given_for(
    files: Files, alice: Person, mallory: Person, chat_id: str
) -> None:
    """Neither another type, nor to another place, nor with a field of one's own."""
    form = await files.form(alice, chat_id, len(PAGE))
    elsewhere = form.fields["key"].replace(alice.user_id, mallory.user_id)
    assert elsewhere != form.fields["key"]
    changes = [{"content-type": "text/html"}, {"key": elsewhere}, {"x-amz-meta-uploader": "somebody"}]
    for changed in changes:
        assert (await files.post(form, PAGE, **changed)).status_code == 403


async def test_forged_type_is_refused(parley: Parley, files: Files, alice: Person, chat_id: str) -> None:
    """A page that calls itself an image gets no further than the upload."""
    media_id = await files.upload(alice, chat_id, PAGE)
    assert await refused(parley, alice, chat_id, media_id) == "file_type_forged"


async def test_file_of_another_chat_is_refused(
    parley: Parley, files: Files, alice: Person, carol: Person, chat_id: str
) -> None:
    """An upload is for one chat."""
    media_id = await files.upload(alice, chat_id, IMAGE)
    other = await parley.direct_chat(alice, carol)
    assert await refused(parley, alice, other, media_id) == "unknown_file"
    assert (await files.open(await files.link(carol, other, media_id))).status_code == 403


async def test_file_of_another_user_is_refused(
    parley: Parley, files: Files, alice: Person, bob: Person, chat_id: str
) -> None:
    """An upload is its uploader's, before it is sent and afterwards."""
    media_id = await files.upload(alice, chat_id, IMAGE)
    assert await refused(parley, bob, chat_id, media_id) == "unknown_file"
    async with parley.socket(alice) as socket:
        assert (await socket.ask(send_file(chat_id, 0, media_id)))["type"] == "ack"
    async with parley.socket(bob) as socket:
        answer = await socket.ask(send_file(chat_id, 1, media_id))
        assert answer.get("code") == "unknown_file"


async def test_file_that_was_never_uploaded_is_refused(
    parley: Parley, files: Files, alice: Person, chat_id: str
) -> None:
    """A message refers to what is there."""
    form = await files.form(alice, chat_id, len(IMAGE))
    assert await refused(parley, alice, chat_id, form.media_id) == "unknown_file"


async def test_frame_with_one_bad_file_writes_nothing(
    parley: Parley, files: Files, alice: Person, chat_id: str
) -> None:
    """Files are looked at before the first message is put."""
    bad = await files.upload(alice, chat_id, PAGE)
    frame = send_message(chat_id, 0, "first")
    frame["messages"] += send_file(chat_id, 0, bad)["messages"]
    async with parley.socket(alice) as socket:
        assert (await socket.ask(frame)).get("code") == "file_type_forged"
    assert await parley.history(alice, chat_id) == []


async def test_stranger_neither_uploads_nor_downloads(
    parley: Parley, files: Files, alice: Person, mallory: Person, chat_id: str
) -> None:
    """To mallory there is no such chat, whether it has such a file or not."""
    await parley.rest.get("/users/me", headers=mallory.authorization)
    media_id = await files.upload(alice, chat_id, IMAGE)
    async with parley.socket(alice) as socket:
        assert (await socket.ask(send_file(chat_id, 0, media_id)))["type"] == "ack"
    heard = [
        await files.ask(mallory, chat_id, len(IMAGE)),
        await files.ask_link(mallory, chat_id, media_id),
        await files.ask_link(mallory, chat_id, "0" * 32),
    ]
    assert {answer.status_code for answer in heard} == {404}
    assert {answer.json()["error"]["code"] for answer in heard} == {"unknown_chat"}


async def test_member_who_joined_later_downloads_only_what_they_see(
    parley: Parley, files: Files, alice: Person, bob: Person, carol: Person
) -> None:
    """Where history begins with joining: no link to a file sent before, whichever number is named."""
    await parley.rest.get("/users/me", headers=carol.authorization)
    room = await open_group(parley, alice, bob, history="joining")
    before = await send(parley, files, alice, room.chat_id, 0)
    assert (await room.add(alice, carol)).status_code == 201
    since = await send(parley, files, alice, room.chat_id, 1)
    for seq in (None, 1, 2):
        answer = await files.ask_link(carol, room.chat_id, before, seq)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_file")
    assert (await files.open(await files.link(carol, room.chat_id, since, 2))).content == IMAGE
    assert (await files.open(await files.link(alice, room.chat_id, before))).content == IMAGE


async def send(parley: Parley, files: Files, person: Person, chat_id: str, after: int) -> str:
    """Upload a file and send it; its media id."""
    media_id = await files.upload(person, chat_id, IMAGE)
    body = {"after": after, "messages": send_file(chat_id, after, media_id)["messages"]}
    response = await parley.rest.post(f"/chats/{chat_id}/messages", headers=person.authorization, json=body)
    assert response.status_code == 200, response.text
    return media_id


async def test_link_opens_one_file_for_a_while(
    parley: Parley, files: Files, account: Account, alice: Person, chat_id: str
) -> None:
    """Expired, prolonged, turned to another file or without its signature it opens nothing."""
    media_id = await files.upload(alice, chat_id, IMAGE)
    async with parley.socket(alice) as socket:
        assert (await socket.ask(send_file(chat_id, 0, media_id)))["type"] == "ack"
    link = await files.link(alice, chat_id, media_id)
    assert (await files.open(link)).status_code == 200
    address = urlsplit(link)
    query = dict(parse_qsl(address.query))
    assert int(query["Expires"]) <= time.time() + 5 * 60
    prolonged = urlencode({**query, "Expires": "4000000000"})
    tampered = [
        address._replace(query=prolonged).geturl(),
        address._replace(path=address.path[:-1] + ("0" if address.path[-1] != "0" else "1")).geturl(),
        address._replace(path=address.path.replace("/media/", "/uploads/")).geturl(),
        address._replace(query="").geturl(),
        sign(account, address._replace(query="").geturl(), query["Key-Pair-Id"], seconds=-1),
    ]
    assert [(await files.open(each)).status_code for each in tampered] == [403] * len(tampered)
    renewed = sign(account, address._replace(query="").geturl(), query["Key-Pair-Id"], seconds=60)
    assert (await files.open(renewed)).status_code == 200


def sign(account: Account, url: str, key_id: str, *, seconds: float) -> str:
    """Sign an address as the service does, with the stack's own key, for a time that begins now."""
    secret = account.of_type("AWS::SecretsManager::Secret")["DownloadKey"]
    ids = account.secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
    found = [account.secrets.get_secret_value(SecretId=secret, VersionId=each) for each in ids]
    texts = [json.loads(each["SecretString"]) for each in found]
    (pem,) = {each["privateKey"] for each in texts if each["keyId"] == key_id}
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    signer = CloudFrontSigner(key_id, lambda text: key.sign(text, padding.PKCS1v15(), hashes.SHA1()))  # noqa: S303
    until = datetime.fromtimestamp(time.time() + seconds, UTC)
    return str(signer.generate_presigned_url(url, date_less_than=until))


async def test_bucket_gives_nothing_to_who_asks_it_directly(
    parley: Parley, files: Files, account: Account, alice: Person, chat_id: str
) -> None:
    """The bucket is CloudFront's and the functions' alone."""
    media_id = await files.upload(alice, chat_id, IMAGE)
    async with parley.socket(alice) as socket:
        assert (await socket.ask(send_file(chat_id, 0, media_id)))["type"] == "ack"
    bucket = account.of_type("AWS::S3::Bucket")["MediaBucket"]
    host = account.target.endpoint_url or f"https://s3.{account.target.region}.amazonaws.com"
    key = urlsplit(await files.link(alice, chat_id, media_id)).path
    async with web() as browser:
        for path in ("", key):
            assert (await browser.get(f"{host}/{bucket}{path}")).status_code == 403
