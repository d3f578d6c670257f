"""The web client as it is built, on a server whose stack does not answer, and a browser that keeps chats."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import json
import threading
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from e2e.support.deadlines import eventually
from harness.frontend import CONFIGURATION
from harness.publish import content_type

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.async_api import BrowserContext

CHATS: Final = 100
"""So many chats the browser keeps, each with a page of messages."""

CHAT_PATH: Final = "/chats/dm%3Au-alice%3Au-0"
"""Where the first of them is shown."""

_STACK: Final = "/stack"
"""Below here the stack's addresses are, as it were."""
_COMPRESSED: Final = (".html", ".js", ".css", ".svg", ".json", ".webmanifest")


@contextmanager
def site_of(folder: Path) -> Iterator[str]:
    """Serve a built site as CloudFront does, on a free port of loopback; give its address.

    Files are compressed, those whose names tell their content are kept for good, and the page answers for
    every other path. The stack answers nothing but 503: what the page shows is what the browser keeps.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = self.path.lstrip("/")
            if self.path.startswith(_STACK):
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "x.json", b"{}")
            elif name == CONFIGURATION:
                self._answer(HTTPStatus.OK, name, _configuration(self.headers["Host"]))
            elif name and (folder / name).is_file():
                self._answer(HTTPStatus.OK, name, (folder / name).read_bytes())
            else:
                self._answer(HTTPStatus.OK, "index.html", (folder / "index.html").read_bytes())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "x.json", b"{}")

        def _answer(self, status: HTTPStatus, name: str, body: bytes) -> None:
            self.send_response(status)
            if name.endswith(_COMPRESSED):
                body = gzip.compress(body)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Type", content_type(name))
            self.send_header("Content-Length", str(len(body)))
            kept = name.startswith("assets/")
            self.send_header("Cache-Control", "max-age=31536000, immutable" if kept else "no-cache")
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # the tab may be closed by now
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing of each request."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


async def use(context: BrowserContext, site: str) -> None:
    """Have somebody signed in at a site, who has used it: the browser keeps the page's files, and chats."""
    page = await context.new_page()
    await page.goto(site)
    await page.get_by_label("Username or e-mail").wait_for()
    await page.evaluate(_KEEP, CHATS)
    await page.reload()
    await page.locator(".chat-row").first.wait_for()
    await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    await eventually(lambda: page.evaluate("navigator.serviceWorker.controller !== null"))
    await page.close()


def _configuration(host: str) -> bytes:
    """What /config.json says of the stack that does not answer."""
    return json.dumps(
        {
            "webSocketUrl": f"ws://{host}{_STACK}",
            "httpApiUrl": f"http://{host}{_STACK}",
            "userPoolId": "nowhere",
            "userPoolClientId": "nobody",
            "cognitoUrl": f"http://{host}{_STACK}",
        }
    ).encode()


# Fills the database that the page has made: frontend/src/driver/storage.ts and records.ts.
_KEEP = """async (count) => {
  const me = { userId: "u-alice", username: "alice", displayName: "Alice Moreau" };
  const open = indexedDB.open("parley");
  await new Promise((done) => { open.onsuccess = done; });
  const database = open.result;
  const stores = ["single", "chats", "messages", "people"];
  const writing = database.transaction(stores, "readwrite");
  const [single, chats, messages, people] = stores.map((name) => writing.objectStore(name));
  const cursors = {};
  for (let chat = 0; chat < count; chat += 1) {
    const other = { userId: `u-${chat}`, username: `friend${chat}`, displayName: `Friend ${chat}` };
    const chatId = `dm:${me.userId}:${other.userId}`;
    const page = Array.from({ length: 60 }, (_, index) => ({
      id: `${chat}-${index}`, seq: index + 1, senderId: index % 3 ? other.userId : me.userId,
      sentAt: new Date(Date.UTC(2026, 10, 21, 10) - chat * 3600e3 + index * 60e3).toISOString(),
      text: `Message ${index + 1}: the 7:40 from platform 3, and ${"then the hut ".repeat(index % 5)}`,
    }));
    page.forEach((message) => messages.put(message, [chatId, message.seq]));
    people.put(other, other.userId);
    cursors[chatId] = page.length;
    chats.put({
      chatId, kind: "direct", name: null, otherMember: other, role: "member", lastMessage: page.at(-1),
      lastSeq: page.length, lastChange: 0, visibleAfter: 0, readSeq: page.length, deliveredSeq: page.length,
      unread: 0, mutedUntil: null, members: null, marks: {}, writing: [], presence: {},
    }, chatId);
  }
  single.put({ userId: me.userId, username: me.username, refreshToken: "none" }, "account");
  single.put(me, "me");
  single.put({ cursors, outbox: [], changes: {}, marks: {} }, "snapshot");
  await new Promise((done, failed) => { writing.oncomplete = done; writing.onabort = failed; });
  database.close();
}"""
