"""Files as clients send and fetch them: asked for, uploaded by form, attached, opened by link."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from ulid import ULID

from e2e.support.deadlines import PATIENCE

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame


def png(width: int, height: int) -> bytes:
    """Draw a black image, in the format that says its type in its first bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    lines = zlib.compress(b"".join(b"\x00" + bytes(width) for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


@dataclass(frozen=True, slots=True)
class Form:
    """What POST /upload-url gave."""

    media_id: str
    url: str
    fields: dict[str, str]


class Files:
    """Uploads and downloads on a stack."""

    def __init__(self, parley: Parley, web: httpx.AsyncClient) -> None:
        """Reach the stack's APIs by `parley`, and its storage by `web`."""
        self._parley = parley
        self._web = web

    async def ask(self, person: Person, chat_id: str, size: int, kind: str = "image/png") -> httpx.Response:
        """Ask for a form."""
        body = {"chatId": chat_id, "contentType": kind, "bytes": size}
        return await self._parley.rest.post("/upload-url", headers=person.authorization, json=body)

    async def form(self, person: Person, chat_id: str, size: int, kind: str = "image/png") -> Form:
        """Ask for a form and get it."""
        response = await self.ask(person, chat_id, size, kind)
        assert response.status_code == 200, response.text
        given = response.json()
        return Form(given["mediaId"], given["url"], given["fields"])

    async def ask_avatar(self, person: Person, size: int, kind: str = "image/png") -> httpx.Response:
        """Ask for a form for an avatar."""
        body = {"kind": "avatar", "contentType": kind, "bytes": size}
        return await self._parley.rest.post("/upload-url", headers=person.authorization, json=body)

    async def upload_avatar(self, person: Person, content: bytes, kind: str = "image/png") -> str:
        """Upload a file as a person's avatar to be; its media id."""
        response = await self.ask_avatar(person, len(content), kind)
        assert response.status_code == 200, response.text
        given = response.json()
        answer = await self.post(Form(given["mediaId"], given["url"], given["fields"]), content)
        assert answer.status_code == 204, answer.text
        return str(given["mediaId"])

    async def set_avatar(self, person: Person, media_id: str) -> httpx.Response:
        """Have a person wear what was uploaded, or with no id nothing."""
        body = {"avatar": media_id}
        return await self._parley.rest.patch("/users/me", headers=person.authorization, json=body)

    async def avatars(self, person: Person) -> str:
        """Ask for the link to all avatars: a template of `userId` and `avatar`."""
        response = await self._parley.rest.get("/avatars", headers=person.authorization)
        assert response.status_code == 200, response.text
        return str(response.json()["url"])

    async def post(self, form: Form, content: bytes, **changed: str) -> httpx.Response:
        """Send a form with a file, with some of its fields changed."""
        return await self._web.post(
            form.url, data={**form.fields, **changed}, files={"file": ("file", content)}
        )

    async def upload(self, person: Person, chat_id: str, content: bytes, kind: str = "image/png") -> str:
        """Upload a file for a chat; its media id."""
        form = await self.form(person, chat_id, len(content), kind)
        answer = await self.post(form, content)
        assert answer.status_code == 204, answer.text
        return form.media_id

    async def ask_link(
        self, person: Person, chat_id: str, media_id: str, seq: int | None = None
    ) -> httpx.Response:
        """Ask for a link to the file of the message with this number."""
        path, query = f"/chats/{chat_id}/media/{media_id}", {} if seq is None else {"seq": seq}
        return await self._parley.rest.get(path, params=query, headers=person.authorization)

    async def link(self, person: Person, chat_id: str, media_id: str, seq: int | None = None) -> str:
        """Ask for a link and get it."""
        response = await self.ask_link(person, chat_id, media_id, seq)
        assert response.status_code == 200, response.text
        return str(response.json()["url"])

    async def open(self, link: str) -> httpx.Response:
        """Open a link as any client does: as it is."""
        return await self._web.get(link)


def send_file(
    chat_id: str, after: int, media_id: str, *, name: str = "cat.png", text: str = "", **more: Any
) -> Frame:
    """Make a sendMessage frame of one message with a file beside it."""
    draft = {"id": str(ULID()), "text": text, "attachment": {"mediaId": media_id, "name": name, **more}}
    return {
        "action": "sendMessage",
        "requestId": str(ULID()),
        "chatId": chat_id,
        "after": after,
        "messages": [draft],
    }


def web() -> httpx.AsyncClient:
    """Reach storage as a browser does."""
    return httpx.AsyncClient(timeout=PATIENCE, trust_env=False)
