"""Avatars: uploaded by their user, shown wherever the user is, to whoever is signed in and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.support.browser import page_of
from e2e.support.deadlines import eventually
from e2e.support.files import Files, png, web

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from harness.outputs import Outputs

IMAGE = png(64, 64)
MEGABYTE = 1_024 * 1_024
PAGE = b"<!doctype html><script>alert(document.domain)</script>"


async def wear(files: Files, person: Person, content: bytes = IMAGE) -> str:
    """Have a person upload an avatar and wear it; its id."""
    avatar = await files.upload_avatar(person, content)
    response = await files.set_avatar(person, avatar)
    assert response.status_code == 200, response.text
    assert response.json()["avatar"] == avatar
    return avatar


async def refusal(parley: Parley, files: Files, person: Person, avatar: str) -> str:
    """Name an avatar that must be refused; the error's code. The profile stays without."""
    response = await files.set_avatar(person, avatar)
    profile = await parley.rest.get("/users/me", headers=person.authorization)
    assert "avatar" not in profile.json()
    return str(response.json()["error"]["code"])


async def test_avatar_is_shown_wherever_its_user_is(
    parley: Parley, files: Files, alice: Person, bob: Person
) -> None:
    """In the profile, in the list of chats and in the search; whoever is signed in opens it by one link."""
    await parley.direct_chat(alice, bob)
    avatar = await wear(files, alice)
    profile = await parley.rest.get(f"/users/{alice.user_id}", headers=bob.authorization)
    assert profile.json()["avatar"] == avatar
    listed = await parley.rest.get("/chats", headers=bob.authorization)
    assert [chat["otherMember"]["avatar"] for chat in listed.json()["chats"]] == [avatar]

    async def found() -> list[str]:
        response = await parley.rest.get("/users", headers=bob.authorization, params={"q": alice.username})
        return [user.get("avatar", "") for user in response.json()["users"]]

    await eventually(found, lambda avatars: avatars == [avatar])
    link = await files.avatars(bob)
    answer = await files.open(link.format(userId=alice.user_id, avatar=avatar))
    assert (answer.status_code, answer.content) == (200, IMAGE)
    assert answer.headers["content-type"] == "image/png"
    assert await files.avatars(alice) == link


async def test_avatar_replaced_or_removed_is_gone(files: Files, alice: Person, bob: Person) -> None:
    """At once, for the link that everybody has."""
    link = await files.avatars(bob)
    first = await wear(files, alice)
    second = await wear(files, alice, png(32, 32))

    async def opens(avatar: str) -> bool:
        url = link.format(userId=alice.user_id, avatar=avatar)
        return (await files.open(url)).status_code == 200

    assert [await opens(avatar) for avatar in (first, second)] == [False, True]
    response = await files.set_avatar(alice, "")
    assert (response.status_code, response.json().get("avatar")) == (200, None)
    assert not await opens(second)


async def test_avatar_goes_with_the_account(parley: Parley, files: Files, alice: Person, bob: Person) -> None:
    """Nobody sees the face of who is gone."""
    avatar = await wear(files, alice)
    url = (await files.avatars(bob)).format(userId=alice.user_id, avatar=avatar)
    assert (await parley.rest.delete("/users/me", headers=alice.authorization)).status_code == 202

    async def status() -> int:
        return (await files.open(url)).status_code

    await eventually(status, lambda code: code == 403)


async def test_export_names_the_avatar(parley: Parley, files: Files, alice: Person) -> None:
    """In the profile, as everyone sees it."""
    avatar = await wear(files, alice)
    assert (await parley.rest.post("/users/me/export", headers=alice.authorization)).status_code == 202

    async def link() -> str:
        answer = await parley.rest.get("/users/me/export", headers=alice.authorization)
        return str(answer.json().get("url", ""))

    archive = (await files.open(await eventually(link))).json()
    assert archive["profile"]["avatar"] == avatar


async def test_image_that_is_too_large_is_refused(files: Files, alice: Person) -> None:
    """When it is asked for: a photograph wants to be made smaller first."""
    answer = await files.ask_avatar(alice, MEGABYTE + 1)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "file_too_large")
    assert "1 MB" in answer.json()["error"]["message"]
    assert (await files.ask_avatar(alice, MEGABYTE)).status_code == 200


@pytest.mark.parametrize("kind", ["application/pdf", "video/mp4", "image/svg+xml", "text/html"])
async def test_file_that_is_no_image_is_refused(files: Files, alice: Person, kind: str) -> None:
    """A message may take a film along; nobody wears one."""
    answer = await files.ask_avatar(alice, 100, kind)
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "file_type_refused")


async def test_forged_type_is_refused(parley: Parley, files: Files, alice: Person) -> None:
    """A page that calls itself an image gets no further than the upload."""
    avatar = await files.upload_avatar(alice, PAGE)
    assert await refusal(parley, files, alice, avatar) == "file_type_forged"


async def test_upload_of_another_or_for_a_chat_or_none_is_refused(
    parley: Parley, files: Files, alice: Person, bob: Person
) -> None:
    """An avatar is what its own user has uploaded as one."""
    attachment = await files.upload(alice, await parley.direct_chat(alice, bob), IMAGE)
    for avatar in (await files.upload_avatar(bob, IMAGE), await wear(files, bob), attachment, "0" * 32):
        assert await refusal(parley, files, alice, avatar) == "unknown_file"


async def test_avatar_without_the_link_is_not_opened(parley: Parley, files: Files, alice: Person) -> None:
    """Who is not signed in is given none; it opens avatars alone, not what was uploaded, nor attachments."""
    avatar = await wear(files, alice)
    assert (await parley.rest.get("/avatars")).status_code == 401
    link = await files.avatars(alice)
    path = f"/media/avatars/{alice.user_id}/{avatar}"
    url = link.format(userId=alice.user_id, avatar=avatar)
    assert path in url
    tampered = [
        url.partition("?")[0],
        url.replace("/media/avatars/", "/uploads/avatars/"),
        url.replace(path, f"/media/dm/{alice.user_id}/{alice.user_id}/{avatar}"),
        url.replace("/media/avatars/", "/media/avatars/../dm/"),
        url.replace("Signature=", "Signature=AAAA"),
    ]
    async with web() as browser:
        assert [(await browser.get(each)).status_code for each in tampered] == [403] * len(tampered)


@pytest.mark.browser
async def test_page_of_the_web_site_shows_an_avatar(files: Files, stack: Outputs, alice: Person) -> None:
    """Under the site's own policy."""
    avatar = await wear(files, alice)
    url = (await files.avatars(alice)).format(userId=alice.user_id, avatar=avatar)
    show = """(url) => new Promise((done) => {
      const image = new Image();
      image.onload = () => done([image.naturalWidth, image.naturalHeight]);
      image.onerror = () => done(null);
      image.src = url;
    })"""
    async with page_of(stack.web_url) as page:
        assert await page.evaluate(show, url) == [64, 64]
