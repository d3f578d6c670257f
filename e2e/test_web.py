"""The web site: a private bucket behind CloudFront, https only, security headers, a page for every path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from e2e.support.deadlines import PATIENCE
from harness.frontend import Configuration

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from e2e.support.account import Account
    from harness.outputs import Outputs


_ROOT = '<div id="root"></div>'
"""What the one page shows everything in."""


class Site:
    """The web site as browsers reach it."""

    def __init__(self, stack: Outputs, browser: httpx.AsyncClient) -> None:
        """Visit the stack's site."""
        self._address = urlsplit(stack.web_url)
        self._browser = browser

    async def get(self, path: str, scheme: str = "https") -> httpx.Response:
        """Visit a path, without following redirects.

        A name under localhost means this machine to every browser, though not to every resolver. What answers
        there speaks plain HTTP, and is told by a header, as behind a proxy, what the browser spoke.
        """
        host, port = self._address.hostname or "", self._address.port
        if not host.endswith(".localhost"):
            return await self._browser.get(f"{scheme}://{host}{path}")
        headers = {"Host": f"{host}:{port}", "X-Forwarded-Proto": scheme}
        return await self._browser.get(f"http://127.0.0.1:{port}{path}", headers=headers)


@pytest.fixture
async def site(stack: Outputs) -> AsyncIterator[Site]:
    """Visit the stack's web site."""
    async with httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, trust_env=False) as browser:
        yield Site(stack, browser)


@pytest.mark.parametrize("path", ["/", "/index.html", "/chats/some-chat", "/no/such/file.js"])
async def test_site_answers_every_path_with_its_page(site: Site, path: str) -> None:
    """The front page, and every path that is no file, is the one page: the code in it knows the paths."""
    response = await site.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert _ROOT in response.text


@pytest.mark.embedded_only("AWS speaks TLS")
async def test_site_opened_as_a_browser_does_answers_with_its_page(stack: Outputs) -> None:
    """What `up` prints to open opens, although nothing here speaks TLS and no browser says how it came."""
    address = urlsplit(stack.web_url)
    async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as browser:
        response = await browser.get(f"http://127.0.0.1:{address.port}/", headers={"Host": address.netloc})
    assert response.status_code == 200
    assert _ROOT in response.text


async def test_site_serves_files_as_what_they_are(site: Site) -> None:
    """Style sheets and scripts come as such and are kept for good, as their names tell their content."""
    page = (await site.get("/")).text
    for pattern, kind in (
        (r'href="(/assets/[^"]+\.css)"', "text/css"),
        (r'src="(/assets/[^"]+\.js)"', "text/javascript"),
    ):
        found = re.search(pattern, page)
        assert found, pattern
        response = await site.get(found[1])
        assert response.headers["content-type"].startswith(kind)
        assert "immutable" in response.headers["cache-control"]


async def test_site_tells_its_page_where_the_stack_is(site: Site, stack: Outputs) -> None:
    """The page is the same for every stack; what differs is read when it starts, always anew."""
    response = await site.get("/config.json")
    assert response.headers["content-type"].startswith("application/json")
    assert response.headers["cache-control"] == "no-cache"
    assert response.json() == msgspec.to_builtins(Configuration.of(stack))


async def test_page_of_the_site_holds_no_script_or_style_itself(site: Site) -> None:
    """Its policy forbids them, so that what gets into the page by mistake is not run."""
    page = (await site.get("/")).text
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page)


async def test_site_sends_security_headers(site: Site) -> None:
    """Browsers are told to insist on https, guess no types, be framed by nobody and run only its own code."""
    headers = (await site.get("/")).headers
    assert int(headers["strict-transport-security"].split("max-age=")[1].split(";")[0]) >= 31_536_000
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_site_asked_for_by_plain_http_redirects_to_https(site: Site) -> None:
    """Nobody reads the page unencrypted."""
    response = await site.get("/some/path", scheme="http")
    assert response.status_code in (301, 302, 307, 308)
    location = urlsplit(response.headers["location"])
    assert (location.scheme, location.path) == ("https", "/some/path")


async def test_bucket_behind_the_site_gives_nothing_to_who_asks_it_directly(account: Account) -> None:
    """The bucket is CloudFront's alone: nobody else reads or lists it."""
    bucket = account.of_type("AWS::S3::Bucket")["Bucket"]
    host = account.target.endpoint_url or f"https://s3.{account.target.region}.amazonaws.com"
    async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as browser:
        for key in ("", "index.html"):
            response = await browser.get(f"{host}/{bucket}/{key}")
            assert response.status_code == 403
