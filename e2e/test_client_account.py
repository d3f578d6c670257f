"""The Python client and one's own account: profile, image, archive, notifications, signing out, the end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from e2e.support.deadlines import eventually
from e2e.support.devices import open_device
from e2e.support.files import png
from e2e.support.push_service import PushService
from parley_client import ConnectionState, RequestRefused
from parley_client.cognito import PasswordSignIn

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.support.devices import Device
    from e2e.support.parley import Parley
    from e2e.support.people import People, Person
    from e2e.support.push_service import Browser
    from harness.outputs import Outputs
    from parley_client.account import Account as OwnAccount

PUSH_KEY_CHARACTERS = 87
"""A point of P-256 in base64url."""


def sign_in_of(stack: Outputs, person: Person, http: httpx.AsyncClient) -> PasswordSignIn:
    """Give a person's tokens by their password, as the terminal chat gets them."""
    return PasswordSignIn(
        url=stack.endpoint or f"https://cognito-idp.{stack.region}.amazonaws.com/",
        client_id=stack.user_pool_client_id,
        username=person.username,
        password=person.password,
        http=http,
    )


async def until_refused(device: Device) -> None:
    """Wait until the service does not accept who a device is."""

    async def state() -> ConnectionState:
        return device.client.state

    await eventually(state, lambda state: state is ConnectionState.REFUSED)


async def test_client_tells_who_its_user_is_and_shows_it_to_others(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """What alice says of herself bob reads by her id; her own id she learns by connecting."""
    async with parley.device(alice) as hers, parley.device(bob) as his:
        assert hers.client.user_id == alice.user_id
        await hers.client.api.account.update(display_name="Alice A.")
        await hers.client.api.account.update(about="Reads.")
        seen = await his.client.api.user(alice.user_id)
        assert (seen.username, seen.display_name, seen.about) == (alice.username, "Alice A.", "Reads.")
        with pytest.raises(RequestRefused, match="bad_request"):
            await hers.client.api.account.update(about="x" * 281)


async def test_client_wears_an_image_that_another_keeps(
    parley: Parley, alice: Person, bob: Person, folder: Path
) -> None:
    """Bob's client gets what alice uploaded, until she takes it off; what is no image is refused."""
    async with parley.device(alice) as hers, parley.device(bob) as his:
        image = png(32, 32)
        await hers.client.api.avatars.wear(image, content_type="image/png")
        worn = await his.client.api.user(alice.user_id)
        assert await his.client.api.avatars.download_file(worn, folder / "face.png")
        assert (folder / "face.png").read_bytes() == image
        with pytest.raises(RequestRefused, match="file_type_forged"):
            await hers.client.api.avatars.wear(b"<script>", content_type="image/png")
        await hers.client.api.avatars.take_off()
        assert await his.client.api.avatars.url(await his.client.api.user(alice.user_id)) is None
        with pytest.raises(RequestRefused, match="http_403"):
            await his.client.api.avatars.download_file(worn, folder / "gone.png")


async def test_client_reports_a_message_that_it_sees_and_no_other(
    parley: Parley, alice: Person, bob: Person, mallory: Person
) -> None:
    """Bob shows what alice wrote to those who run the service; to mallory there is no such chat."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice) as hers, parley.device(bob) as his, parley.device(mallory) as third:
        sent = await hers.client.send(chat_id, "buy now")
        first = await his.client.api.report(chat_id, sent.seq, "spam", "again")
        repeated = await his.client.api.report(chat_id, sent.seq, "spam", "again")
        assert repeated.report_id == first.report_id
        with pytest.raises(RequestRefused, match="unknown_chat"):
            await third.client.api.report(chat_id, sent.seq, "spam")


async def test_client_keeps_the_archive_of_its_user_in_a_new_file(
    parley: Parley, alice: Person, bob: Person, folder: Path
) -> None:
    """It is asked for, waited for and downloaded in one call, and has alice's own messages alone."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice) as hers, parley.device(bob) as his:
        await hers.write(chat_id, ["mine", "mine too"])
        await his.write(chat_id, ["theirs"])
        path = folder / "mine.json"
        await hers.client.api.account.download_export(path)
        with pytest.raises(FileExistsError):
            await hers.client.api.account.download_export(path)
    archive = json.loads(path.read_bytes())
    assert [entry["message"]["text"] for entry in archive["messages"]] == ["mine", "mine too"]


async def test_client_subscribes_a_browser_and_ends_its_subscription(parley: Parley, alice: Person) -> None:
    """A browser's push service is taken, another address is refused; ending it may be repeated."""
    browser = PushService("https://fcm.googleapis.com").browser()
    stranger = PushService("https://push.example.com").browser()
    async with parley.device(alice) as hers:
        account = hers.client.api.account
        assert len(await account.push_key()) == PUSH_KEY_CHARACTERS
        subscription = await subscribe(account, browser)
        assert await subscribe(account, browser) == subscription
        with pytest.raises(RequestRefused, match="push_service_refused"):
            await subscribe(account, stranger)
        for _ in range(2):
            await account.unsubscribe(subscription)


async def subscribe(account: OwnAccount, browser: Browser) -> str:
    """Have a browser subscribed by what it says of itself."""
    said = browser.subscription
    return await account.subscribe(said["endpoint"], p256dh=said["keys"]["p256dh"], auth=said["keys"]["auth"])


async def test_client_signed_out_everywhere_says_so_and_comes_back_by_a_new_sign_in(
    parley: Parley, stack: Outputs, alice: Person, bob: Person
) -> None:
    """Both of alice's devices are out, and her token with them; the one that signs in anew misses nothing."""
    chat_id = await parley.direct_chat(alice, bob)
    async with httpx.AsyncClient() as http:
        tokens = sign_in_of(stack, alice, http)
        async with (
            open_device(stack, alice, tokens=tokens) as phone,
            parley.device(alice) as laptop,
            parley.device(bob) as his,
        ):
            await laptop.client.api.account.sign_out_everywhere()
            for device in (phone, laptop):
                await until_refused(device)
            await his.client.send(chat_id, "are you there?")
            phone.client.probe()
            await until_refused(phone)

            async def online() -> ConnectionState:
                if phone.client.state is ConnectionState.REFUSED:
                    tokens.forget()  # again where the new token is of the very second of the signing out
                    phone.client.probe()
                return phone.client.state

            await eventually(online, lambda state: state is ConnectionState.ONLINE)
            assert [message.text for message in await phone.shows(chat_id, 1)] == ["are you there?"]
            assert laptop.client.state is ConnectionState.REFUSED


async def test_client_deletes_its_account_and_is_signed_out(
    parley: Parley, people: People, bob: Person
) -> None:
    """The device is out at once; the other one sees the place of what was written, and no word of it."""
    person = people.join("leaver")
    chat_id = await parley.direct_chat(person, bob)
    async with parley.device(bob) as his:
        async with parley.device(person) as device:
            await device.write(chat_id, ["secret"])
            await device.client.api.account.delete()
            await until_refused(device)

        async def texts() -> list[str]:
            return [message.text for message in (await his.client.history(chat_id)).messages]

        await eventually(texts, lambda found: found == [""], within=150)
        with pytest.raises(RequestRefused, match="unknown_user"):
            await his.client.create_direct_chat(person.user_id)
