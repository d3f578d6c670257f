"""One's own account over the HTTP API: profile, report, archive, deletion, notifications, signing out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from parley_client import AuthenticationFailed, NotReachable, RequestRefused
from tests.client.fake_service import CHAT, FakeService
from tests.client.test_driver import client_of

if TYPE_CHECKING:
    from pathlib import Path


async def test_profile_keeps_what_is_not_changed(service: FakeService) -> None:
    """Each field is changed by itself, and everyone reads them."""
    async with client_of(service, "ann") as ann, client_of(service, "bob") as bob:
        await ann.api.account.update(display_name="Ann")
        user = await ann.api.account.update(about="Reads.")
        assert (user.display_name, user.about) == ("Ann", "Reads.")
        assert await bob.api.user("ann") == await ann.api.me() == user


async def test_avatar_is_worn_seen_by_one_link_and_taken_off(service: FakeService, tmp_path: Path) -> None:
    """Everyone opens it by the link to all avatars, which is asked for once."""
    async with client_of(service, "ann") as ann, client_of(service, "bob") as bob:
        worn = await ann.api.avatars.wear(b"a face", content_type="image/png")
        assert worn == await bob.api.user("ann")
        for number in range(2):
            assert await bob.api.avatars.download_file(worn, tmp_path / str(number))
            assert (tmp_path / str(number)).read_bytes() == b"a face"
        assert [path for _, path in service.http_requests].count("/avatars") == 1
        bare = await ann.api.avatars.take_off()
        assert (bare.avatar, await bob.api.avatars.url(bare)) == (None, None)


async def test_export_is_waited_for_and_kept_whole(service: FakeService, tmp_path: Path) -> None:
    """Its link is asked for until it is there, and it is told how much of it has come."""
    told: list[tuple[int, int]] = []
    async with client_of(service, "ann") as ann:
        path = tmp_path / "mine.json"
        await ann.api.account.download_export(
            path, progress=lambda done, whole: told.append((done, whole)), poll=0.01
        )
        assert json.loads(path.read_bytes()) == {"profile": {"username": "ann"}}
        assert told[-1] == (path.stat().st_size, path.stat().st_size)


async def test_export_that_nobody_asked_for_is_refused(service: FakeService) -> None:
    """There is nothing to look for."""
    async with client_of(service, "ann") as ann:
        with pytest.raises(RequestRefused, match="no_export"):
            await ann.api.account.export()


async def test_file_that_breaks_off_is_not_kept(service: FakeService, tmp_path: Path) -> None:
    """Half a file is none: it is gone when the failure is told."""
    service.break_files_off = True
    async with client_of(service, "ann") as ann:
        with pytest.raises(NotReachable):
            await ann.api.account.download_export(tmp_path / "mine.json", poll=0.01)
    assert not (tmp_path / "mine.json").exists()


async def test_account_is_deleted_for_who_asks(service: FakeService) -> None:
    """The answer says since when."""
    async with client_of(service, "ann") as ann:
        deletion = await ann.api.account.delete()
        assert deletion.requested_at.year == 2026
        assert service.rest.deleted == {"ann"}


async def test_report_shows_a_message_of_ones_chat(service: FakeService) -> None:
    """What is not said is not sent; of another's chat nothing can be reported."""
    async with client_of(service, "ann") as ann, client_of(service, "cleo") as cleo:
        await ann.api.report(CHAT, 1, "spam")
        assert service.rest.reports == [{"chatId": CHAT, "seq": 1, "reason": "spam"}]
        with pytest.raises(RequestRefused, match="unknown_chat"):
            await cleo.api.report(CHAT, 1, "spam")


async def test_browser_is_subscribed_with_the_key_and_unsubscribed(service: FakeService) -> None:
    """What a browser's subscription says is handed on as it is."""
    async with client_of(service, "ann") as ann:
        assert len(await ann.api.account.push_key()) == len("B" * 87)
        subscription = await ann.api.account.subscribe("https://push.test/1", p256dh="B", auth="a")
        assert list(service.rest.subscriptions.values()) == [
            {"endpoint": "https://push.test/1", "keys": {"p256dh": "B", "auth": "a"}}
        ]
        await ann.api.account.unsubscribe(subscription)
        assert service.rest.subscriptions == {}


async def test_signing_out_everywhere_refuses_the_token_that_was_used(service: FakeService) -> None:
    """The session is over: only another sign-in's token is taken."""
    async with client_of(service, "ann") as ann:
        await ann.api.account.sign_out_everywhere()
        with pytest.raises(AuthenticationFailed):
            await ann.api.create_ticket()
