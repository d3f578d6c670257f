"""Files in memory, and links that say what they were signed for."""

from __future__ import annotations

from chat.ports.media import StoredFile, UploadForm


class FakeMediaStorage:
    """Files by key; a copy is refused as the port says."""

    def __init__(self) -> None:
        self.files: dict[str, StoredFile] = {}
        self.dispositions: dict[str, str] = {}
        self.forms: list[tuple[str, str, int, int]] = []

    def upload(
        self, key: str, beginning: bytes, content_type: str = "image/png", size: int = 0, version: str = "1"
    ) -> None:
        """Upload a file with the form for its key."""
        self.files[key] = StoredFile(content_type, size or len(beginning), version, "", beginning)

    def form(self, key: str, content_type: str, size: int, seconds: int) -> UploadForm:
        """Remember what was to be uploaded."""
        self.forms.append((key, content_type, size, seconds))
        return UploadForm("https://storage.test/", {"key": key})

    def find(self, key: str) -> StoredFile | None:
        """One."""
        return self.files.get(key)

    def keep(self, source: str, stored: StoredFile, target: str, owner: str, disposition: str) -> bool:
        """Copy on conditions."""
        if target in self.files or self.files.get(source) != stored:
            return False
        self.files[target] = stored._replace(owner=owner)
        self.dispositions[target] = disposition
        return True

    def remove(self, key: str) -> None:
        """Remove."""
        self.files.pop(key, None)


class FakeMediaLinks:
    """Links that say what they were signed for."""

    def sign(self, key: str, expires_at: int) -> str:
        """Name the key and the time."""
        return f"https://files.test/{key}?until={expires_at}"

    def sign_all(self, pattern: str, expires_at: int) -> str:
        """Name the pattern and the time."""
        return f"https://files.test/{pattern}?all-until={expires_at}"
