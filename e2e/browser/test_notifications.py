"""Notifications in a real browser: asked for by a gesture alone, shown without a text, a way to the chat."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest

from e2e.browser.devices import devices
from e2e.support.deadlines import eventually
from e2e.support.parley import send_message
from e2e.support.push_service import push_service

if TYPE_CHECKING:
    from playwright.async_api import Page

    from e2e.browser.devices import Device
    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.push_service import Browser
    from harness.outputs import Outputs

pytestmark = [
    pytest.mark.browser,
    pytest.mark.local_only("a push service on this machine is out of AWS's reach"),
]

# Chromium without its maker's keys knows no push service: here it has the test's. Notes who asks for leave.
_SUBSCRIBED_HERE: Final = """(() => {
  const subscription = { toJSON: () => (%s), unsubscribe: async () => true };
  PushManager.prototype.subscribe = async () => subscription;
  PushManager.prototype.getSubscription = async () => subscription;
  window.asked = [];
  const ask = Notification.requestPermission.bind(Notification);
  Notification.requestPermission = () => {
    window.asked.push(navigator.userActivation.isActive);
    return ask();
  };
})()"""

_SHOWN: Final = """async () => {
  const registration = await navigator.serviceWorker.ready;
  return (await registration.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
}"""

# A click that the worker hears of. Only a person's lets it focus a window: that it cannot is no matter.
_CLICK: Final = """async () => {
  const [notification] = await self.registration.getNotifications();
  const event = new NotificationEvent("notificationclick", { notification });
  let handled;
  event.waitUntil = (work) => { handled = work; };
  self.dispatchEvent(event);
  await handled.catch((fault) => { if (fault.name !== "InvalidAccessError") throw fault; });
}"""


async def test_notification_in_a_browser_is_asked_for_by_a_gesture_tells_who_wrote_and_opens_the_chat(
    stack: Outputs, parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """From the button in the settings over the stack to the notification and a click on it."""
    chat_id = await parley.direct_chat(alice, bob)
    with push_service(account) as service:
        browser = service.browser()
        async with devices(stack.web_url, 1) as (device,):
            await device.context.grant_permissions(["notifications"])
            await device.context.add_init_script(_SUBSCRIBED_HERE % json.dumps(browser.subscription))
            tab = await device.sign_in(bob)
            await tab.page.get_by_role("link", name="Settings").click()
            asking = tab.page.get_by_role("button", name="Notify me on this device")
            await asking.wait_for()
            assert await tab.page.evaluate("window.asked") == []
            await asking.click()
            await tab.page.get_by_role("button", name="Stop notifying on this device").wait_for()
            assert await tab.page.evaluate("window.asked") == [True]

            await tab.keeps_the_shell()
            await device.context.set_offline(offline=True)  # who is connected is not notified
            told = await _pushed(parley, alice, chat_id, browser)
            await device.context.set_offline(offline=False)
            await _deliver(device, tab.page, stack.web_url, told)
            shown = await eventually(lambda: tab.page.evaluate(_SHOWN))
            assert shown == [{"title": alice.username, "body": "New message", "tag": chat_id}]

            await device.context.service_workers[0].evaluate(_CLICK)
            await tab.shows(["are you there?"])
            assert await tab.page.evaluate(_SHOWN) == []


async def _pushed(parley: Parley, person: Person, chat_id: str, browser: Browser) -> dict[str, Any]:
    """Have a person write; give what the stack then pushes to a browser, decrypted."""
    body = {"after": 0, "messages": send_message(chat_id, 0, "are you there?")["messages"]}
    response = await parley.rest.post(f"/chats/{chat_id}/messages", headers=person.authorization, json=body)
    assert response.status_code == 200, response.text
    pushed = await eventually(browser.pushed)
    told: dict[str, Any] = browser.read(pushed[0])
    return told


async def _deliver(device: Device, page: Page, web_url: str, told: dict[str, Any]) -> None:
    """Have the browser's service worker given what was pushed, as its push service would."""
    devtools = await device.context.new_cdp_session(page)
    registrations: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(each["registrationId"] for each in event["registrations"]),
    )
    await devtools.send("ServiceWorker.enable")

    async def known() -> list[str]:
        return registrations

    address = urlsplit(web_url)
    await devtools.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": f"{address.scheme}://{address.netloc}",
            "registrationId": (await eventually(known))[0],
            "data": json.dumps(told),
        },
    )
