"""CloudFront's distributions: both forms of their address, their pages' origin, what pages may reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from localcloud.distributions import Distributions, Origins

if TYPE_CHECKING:
    from localcloud.asgi import Receive, Scope, Send

HOST = "127.0.0.1:4566"
KNOWN = "https://127.0.0.1:4566/_aws/cloudfront/d1"
"""A distribution as its DomainName has it be known."""
PAGE = "http://d1.cloudfront.localhost:4566"


class Aws:
    """Answers everything with the headers that it was made with, and keeps what it was asked."""

    def __init__(self, **headers: str) -> None:
        self._headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        self.asked: list[Scope] = []

    def owns(self, _scope: Scope) -> bool:
        """Own everything."""
        return True

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer."""
        self.asked.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        await send({"type": "http.response.body", "body": b""})

    def heard(self, name: str) -> str:
        """A header of the one request."""
        (scope,) = self.asked
        return dict(scope["headers"]).get(name.encode(), b"").decode()


async def ask(app: Distributions | Origins, url: str, **headers: str) -> httpx.Headers:
    """Ask for a URL; the answer's headers."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as browser:
        return (await browser.get(url, headers=headers)).headers


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (f"http://{HOST}/_aws/cloudfront/d1/a%20b/c?x=1", "/a%20b/c"),
        (f"http://{HOST}/_aws/cloudfront/d1/", "/"),
        (f"http://{HOST}/_aws/cloudfront/d1", "/"),
        (f"{PAGE}/a%20b/c?x=1", "/a%20b/c"),
        ("http://d1.cloudfront.localhost/", "/"),
    ],
)
async def test_distribution_is_served_at_both_forms_of_its_address(url: str, path: str) -> None:
    """What serves it is asked by AWS's own name, for the path below the address."""
    aws = Aws()
    await ask(Distributions(aws, HOST), url)
    assert aws.heard("host") == "d1.cloudfront.net"
    (scope,) = aws.asked
    assert scope["raw_path"].decode() == path
    assert scope["path"] == path.replace("%20", " ")
    assert scope["query_string"] == (b"x=1" if "?" in url else b"")


@pytest.mark.parametrize(
    "url",
    [
        f"http://{HOST}/d1/file",
        f"http://{HOST}/_aws/cloudfront/",
        f"http://{HOST}/_aws/cloudfront/D_1/file",
        f"http://{HOST}/_aws/execute-api/d1/v1",
        "http://d1.execute-api.localhost:4566/",
        "http://a.d1.cloudfront.localhost.example:4566/",
    ],
)
async def test_other_address_is_no_distributions(url: str) -> None:
    """Everything else is left to others."""
    address = httpx.URL(url)
    raw_path = address.raw_path.partition(b"?")[0]
    scope = {"type": "http", "path": address.path, "raw_path": raw_path}
    headers = [(b"host", address.netloc)]
    assert not Distributions(Aws(), HOST).owns({**scope, "headers": headers})


async def test_policy_of_a_page_lets_it_reach_here_what_it_may_reach_of_aws() -> None:
    """AWS's names, and distributions known by where they are reached; all else stays as it is."""
    policy = (
        "default-src 'self'; connect-src 'self' https://*.execute-api.us-east-1.amazonaws.com "
        "wss://*.execute-api.us-east-1.amazonaws.com https://example.com; "
        f"img-src 'self' data: blob: {KNOWN}; script-src https://evil.example/amazonaws.com"
    )
    answer = await ask(Distributions(Aws(content_security_policy=policy), HOST), f"{PAGE}/")
    assert answer["content-security-policy"] == (
        f"default-src 'self'; connect-src 'self' http://{HOST} ws://{HOST} https://example.com; "
        f"img-src 'self' data: blob: http://{HOST}/_aws/cloudfront/d1/; script-src https://evil.example/amazonaws.com"
    )


async def test_page_has_the_origin_of_its_distribution() -> None:
    """Who admits the distribution admits the page that a browser has opened here."""
    aws = Aws(access_control_allow_origin=KNOWN)
    answer = await ask(Origins(aws, HOST), f"http://{HOST}/chats", Origin=PAGE)
    assert aws.heard("origin") == KNOWN
    assert answer["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("allowed", ["*", "https://chat.example.com"])
async def test_page_is_told_nothing_else_than_others_are(allowed: str) -> None:
    """Only its own name is translated."""
    answer = await ask(
        Origins(Aws(access_control_allow_origin=allowed), HOST), f"http://{HOST}/", Origin=PAGE
    )
    assert answer["access-control-allow-origin"] == allowed


@pytest.mark.parametrize(
    "origin", ["http://localhost:5173", "https://d1.cloudfront.localhost:4566", KNOWN, "null"]
)
async def test_page_of_another_site_keeps_its_origin(origin: str) -> None:
    """Nobody else becomes a distribution's page."""
    aws = Aws(access_control_allow_origin=origin)
    answer = await ask(Origins(aws, HOST), f"http://{HOST}/chats", Origin=origin)
    assert aws.heard("origin") == origin
    assert answer["access-control-allow-origin"] == origin
