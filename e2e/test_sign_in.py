"""Signing in by an identity provider: in a browser, from the button to the chat, and out again."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from playwright.async_api import expect

from e2e.support.account import Account
from e2e.support.authenticator import Authenticator
from e2e.support.browser import page_of
from e2e.support.deadlines import PATIENCE
from e2e.support.federated_stack import federated_stack
from e2e.support.rotation import rotate
from e2e.support.settings import variables
from harness.targets import DEFAULT_STACK
from harness.users import UserPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Locator, Page

    from e2e.support.federated_stack import FederatedStack

pytestmark = [
    pytest.mark.embedded_only("its identity provider is played on this machine"),
    pytest.mark.browser,
]

expect.set_options(timeout=PATIENCE * 1_000)
COOKIE = "__Secure-session"
PASSWORD = "Correct-Horse-2026"  # noqa: S105 - of a user who lives as long as the test
STORED = "() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])"


@pytest.fixture(scope="module")
def federated() -> Iterator[FederatedStack]:
    """Give a stack with Google, and with another provider."""
    with tempfile.TemporaryDirectory(prefix="parley-e2e-") as folder, federated_stack(Path(folder)) as stack:
        yield stack


async def session_of(page: Page) -> str:
    """The session's cookie; empty where there is none."""
    cookies = [one for one in await page.context.cookies() if one.get("name") == COOKIE]
    for cookie in cookies:
        assert cookie["httpOnly"]
        assert cookie["secure"]
        assert (cookie["sameSite"], cookie["path"]) == ("Strict", "/auth")
    return str(cookies[0]["value"]) if cookies else ""


async def ask(stack: FederatedStack, what: str, cookie: str, *, origin: str = "") -> httpx.Response:
    """Ask for a session's next cookie, or its end, as somebody does who has the cookie."""
    site = urlsplit(stack.outputs.web_url)
    headers = {"Host": site.netloc, "Origin": origin or stack.outputs.web_url, "Cookie": f"{COOKIE}={cookie}"}
    async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
        return await client.post(f"http://127.0.0.1:{site.port}/auth/{what}", headers=headers, json={})


def next_cookie(answer: httpx.Response) -> str:
    """The cookie that an answer sets."""
    match = re.match(rf"{COOKIE}=([^;]*)", answer.headers.get("set-cookie", ""))
    assert match is not None, answer.text
    return match[1]


async def sign_in(page: Page, provider: str = "Google") -> None:
    """Sign in by a provider, from the button to the list of chats."""
    await page.get_by_role("button", name=f"Continue with {provider}").click()
    await page.get_by_role("link", name="Continue").click()
    await expect(page.get_by_role("link", name="Settings")).to_be_visible()


def write_to(stack: FederatedStack, username: str, display_name: str, text: str) -> None:
    """Have somebody with a password write to whoever has this name."""
    pool = UserPool.of(stack.target, stack.outputs)
    pool.sign_up(username, PASSWORD)
    token = pool.sign_in(username, PASSWORD).access_token
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=stack.outputs.http_api_url, headers=headers, timeout=PATIENCE) as rest:
        found = rest.get("/users", params={"q": "Google_"}).raise_for_status().json()["users"]
        (user,) = [one for one in found if one.get("displayName") == display_name]
        chat = {"kind": "direct", "userId": user["userId"]}
        chat_id = rest.post("/chats", json=chat).raise_for_status().json()["chatId"]
        message = {"id": "01KB0000000000000000000001", "text": text}
        rest.post(f"/chats/{chat_id}/messages", json={"after": 0, "messages": [message]}).raise_for_status()


def assert_logs_tell_nothing(stack: FederatedStack, cookie: str) -> None:
    """Neither the function's log nor the API's holds a token, a code or a cookie, of whichever sign-in."""
    logs = stack.target.session().client("logs", endpoint_url=stack.target.endpoint_url)
    for group in ("/aws/lambda/parley-web-sessions", "/aws/apigateway/parley-sign-in"):
        lines = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
        assert any("/auth/token" in line for line in lines), group
        secrets = re.compile(rf"eyJ|code=|{re.escape(cookie.partition('.')[0])}")
        assert not [line for line in lines if secrets.search(line)], group


async def test_user_signs_in_with_google_chats_stays_and_signs_out(federated: FederatedStack) -> None:
    """A reload keeps the session, a logout ends it; no token or code is left where a script or a log is."""
    async with page_of(federated.outputs.web_url) as page:
        seen: list[str] = []
        page.on("request", lambda request: seen.append(request.url))
        await sign_in(page)
        assert urlsplit(page.url)[2:4] == ("/", "")
        assert "eyJ" not in await page.evaluate(STORED)
        assert not [url for url in seen if "eyJ" in url or "_token" in url]
        write_to(federated, "ben", federated.provider.name, "Shall I bring the engine?")
        await expect(page.get_by_text("Shall I bring the engine?")).to_be_visible()
        first = await session_of(page)
        await page.reload()
        await expect(page.get_by_text("Shall I bring the engine?")).to_be_visible()
        await page.get_by_role("link", name="Settings").click()
        await expect(page.get_by_text(federated.provider.name).first).to_be_visible()
        await expect(page.get_by_role("heading", name="Two-step sign-in")).to_have_count(0)
        await page.wait_for_function("() => document.readyState === 'complete'")
        kept = await session_of(page)
        assert first
        assert kept
        await page.get_by_role("button", name="Sign out here").click()
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await expect(page.get_by_role("button", name="Continue with Google")).to_be_visible()
        assert await session_of(page) == ""
        assert (await ask(federated, "refresh", kept)).status_code == 401
    assert_logs_tell_nothing(federated, kept)


async def test_cookie_that_comes_again_ends_the_session_for_its_user_too(federated: FederatedStack) -> None:
    """Who has copied it loses it, and its user signs in again; another site's page can do nothing by it."""
    async with page_of(federated.outputs.web_url) as page:
        await sign_in(page, "Workplace")
        stolen = await session_of(page)
        await page.context.set_offline(True)  # the page renews nothing meanwhile
        for origin in ("https://evil.example", "null"):
            refused = await ask(federated, "logout", stolen, origin=origin)
            assert (refused.status_code, refused.json()["error"]["code"]) == (400, "wrong_origin")
        current = next_cookie(
            await ask(federated, "refresh", next_cookie(await ask(federated, "refresh", stolen)))
        )
        assert (await ask(federated, "refresh", stolen)).json()["error"]["code"] == "session_ended"
        assert (await ask(federated, "refresh", current)).json()["error"]["code"] == "session_ended"
        await page.context.set_offline(False)
        await page.reload()
        await expect(page.get_by_role("button", name="Continue with Workplace")).to_be_visible()


async def test_replaced_keys_end_neither_a_session_nor_a_link_until_the_next_time(
    federated: FederatedStack,
) -> None:
    """Whoever is signed in stays so, and links open; the time after, what the first keys signed has ended."""
    account = Account(federated.target, DEFAULT_STACK, federated.outputs)
    readers = ["Media", "WebSessions"]
    async with page_of(federated.outputs.web_url) as page:
        await sign_in(page)
        cookie = await session_of(page)
        await page.context.set_offline(True)  # the page renews nothing meanwhile
        renewed = await ask(federated, "refresh", cookie)
        link = await avatars_link(federated, renewed)
        for secret in ("DownloadKey", "Key"):
            await rotate(account, secret)
        with variables(account, readers, REPLACED="once"):  # new environments, which read the new keys
            renewed = await ask(federated, "refresh", next_cookie(renewed))
            assert renewed.status_code == 200, renewed.text
            assert await is_trusted(link)
            assert await is_trusted(await avatars_link(federated, renewed))
        for secret in ("DownloadKey", "Key"):
            await rotate(account, secret)
        with variables(account, readers, REPLACED="twice"):
            ended = await ask(federated, "refresh", next_cookie(renewed))
            assert (ended.status_code, ended.json()["error"]["code"]) == (401, "session_ended")
            assert not await is_trusted(link)
            await page.context.set_offline(False)
            await page.reload()
            await sign_in(page)
            since = await ask(federated, "refresh", await session_of(page))
            assert await is_trusted(await avatars_link(federated, since))


async def avatars_link(stack: FederatedStack, granted: httpx.Response) -> str:
    """The link to an avatar that nobody has, as whoever was granted a token gets it."""
    headers = {"Authorization": f"Bearer {granted.json()['accessToken']}"}
    async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
        answer = await client.get(f"{stack.outputs.http_api_url}/avatars", headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["url"]).format(userId="nobody", avatar="none")


async def is_trusted(link: str) -> bool:
    """Whether CloudFront trusts the key that has signed a link."""
    async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
        return "<Code>InvalidKey</Code>" not in (await client.get(link)).text


async def test_user_who_does_not_agree_is_told_and_not_signed_in(federated: FederatedStack) -> None:
    """The page is back where it was, with one sentence, and nothing in its address."""
    async with page_of(federated.outputs.web_url) as page:
        await page.get_by_role("button", name="Continue with Google").click()
        await page.get_by_role("link", name="Cancel").click()
        await expect(
            page.get_by_role("status").filter(has_text="the provider has not confirmed it")
        ).to_be_visible()
        assert urlsplit(page.url)[2:4] == ("/", "")
        assert await session_of(page) == ""


async def sign_in_by_password(page: Page, username: str) -> None:
    """Give name and password."""
    await page.get_by_label("Username or e-mail").fill(username)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def sign_out(page: Page) -> None:
    """Sign out of this browser, from wherever one is."""
    await page.get_by_role("link", name="Settings").click()
    await page.get_by_role("button", name="Sign out here").click()
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await expect(page.get_by_label("Username or e-mail")).to_be_visible()


async def give_code(page: Page, app: Authenticator, button: str, then: Locator) -> None:
    """Give the code that the app shows; the next one, where it has ended on the way."""
    problem = page.get_by_role("alert").filter(has_text="The code is not right")
    while not await then.is_visible():
        await page.get_by_label("Code", exact=True).fill(app.code())
        await page.get_by_role("button", name=button, exact=True).click()
        await expect(then.or_(problem).first).to_be_visible()


async def test_user_sets_an_authenticator_app_up_signs_in_by_its_code_and_gives_it_up(
    federated: FederatedStack,
) -> None:
    """Neither the password alone nor a wrong code signs in, until the app is given up."""
    UserPool.of(federated.target, federated.outputs).sign_up("mara", PASSWORD)
    async with page_of(federated.outputs.web_url) as page:
        set_up = page.get_by_role("button", name="Set up an authenticator app")
        give_up = page.get_by_role("button", name="Ask for no code any more")
        settings = page.get_by_role("link", name="Settings")
        await page.get_by_role("button", name="Create an account").click()
        await expect(page.get_by_text("16 characters at least")).to_be_visible()  # as the stack has it
        await page.get_by_role("button", name="I have an account").click()
        await sign_in_by_password(page, "mara")
        await settings.click()
        await set_up.click()
        key = await page.get_by_role("link", name="open it in an app").get_attribute("href")
        app = Authenticator(dict(parse_qsl(urlsplit(key or "").query))["secret"])
        await give_code(page, app, "Turn on", give_up)
        await sign_out(page)
        await sign_in_by_password(page, "mara")
        await page.get_by_label("Code", exact=True).fill(f"{(int(app.at(0)) + 1) % 1_000_000:06d}")
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(page.get_by_text("The code is not right")).to_be_visible()
        await give_code(page, app, "Sign in", settings)
        await settings.click()
        await give_up.click()
        await page.get_by_role("button", name="Ask for no code", exact=True).click()
        await expect(set_up).to_be_visible()
        await sign_out(page)
        await sign_in_by_password(page, "mara")
        await expect(settings).to_be_visible()


def test_user_pool_has_what_the_parameters_say(federated: FederatedStack) -> None:
    """Longer passwords, a second factor for who wants one, and a look out for threats."""
    users = UserPool.of(federated.target, federated.outputs)
    pool = users.cognito.describe_user_pool(UserPoolId=users.user_pool_id)["UserPool"]
    assert pool["MfaConfiguration"] == "OPTIONAL"
    assert pool["UserPoolAddOns"] == {"AdvancedSecurityMode": "AUDIT"}
    assert pool["UserPoolTier"] == "PLUS"
    with pytest.raises(users.cognito.exceptions.InvalidPasswordException):
        users.sign_up("short", "Short-Pass-1234")
