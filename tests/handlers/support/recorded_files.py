"""S3, the parameter store and Secrets Manager as far as files beside messages need them, in memory."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""
_KEPT_HEADERS = ("content-type", "content-disposition", "cache-control")


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of S3."""

    content: bytes
    headers: dict[str, str]

    @property
    def etag(self) -> str:
        """What changes with the content."""
        return f'"{hashlib.md5(self.content).hexdigest()}"'  # noqa: S324 - as S3 makes it


@dataclass(slots=True)
class RecordedFiles:
    """Objects by bucket and key, parameters by name, and secrets' current texts by name."""

    objects: dict[str, StoredObject] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def put(self, path: str, content: bytes, content_type: str) -> None:
        """Upload an object, behind the service's back."""
        self.objects[path] = StoredObject(content, {"content-type": content_type})

    def get_object(self, path: str, headers: Mapping[str, str]) -> Answer:
        """The part of an object that a Range header asks for."""
        found = self.objects.get(path)
        if found is None:
            return _refusal(404, "NoSuchKey")
        first, _, last = headers["range"].removeprefix("bytes=").partition("-")
        part = found.content[int(first) : int(last) + 1]
        size = len(found.content)
        told = {"content-range": f"bytes {first}-{int(first) + len(part) - 1}/{size}", "etag": found.etag}
        return 206, {**found.headers, **told}, part

    def copy_object(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Copy an object on the conditions that the headers name."""
        source = self.objects.get(headers["x-amz-copy-source"].lstrip("/"))
        if source is None:
            return _refusal(404, "NoSuchKey")
        if headers["x-amz-copy-source-if-match"] != source.etag:
            return _refusal(412, "PreconditionFailed")
        if headers["if-none-match"] == "*" and path in self.objects:
            return _refusal(412, "PreconditionFailed")
        assert headers["x-amz-metadata-directive"] == "REPLACE"
        kept = {n: v for n, v in headers.items() if n in _KEPT_HEADERS or n.startswith("x-amz-meta-")}
        self.objects[path] = StoredObject(source.content, kept)
        return 200, {}, f"<CopyObjectResult><ETag>{source.etag}</ETag></CopyObjectResult>".encode()

    def delete_object(self, path: str, _headers: Mapping[str, str]) -> Answer:
        """Remove an object, if there is one."""
        self.objects.pop(path, None)
        return 204, {}, b""

    def parameter(self, operation: str, request: Mapping[str, Any]) -> tuple[int, bytes]:
        """GetParameter, PutParameter and DeleteParameter: a status and JSON."""
        name = request["Name"]
        if operation == "PutParameter":
            if name in self.parameters:
                return 400, b'{"__type":"ParameterAlreadyExists"}'
            assert request["Type"] == "SecureString"
            assert request["KeyId"] == "arn:aws:kms:us-east-1:123456789012:key/1"
            self.parameters[name] = request["Value"]
            return 200, b'{"Version":1}'
        if name not in self.parameters:
            return 400, b'{"__type":"ParameterNotFound"}'
        if operation == "DeleteParameter":
            del self.parameters[name]
            return 200, b"{}"
        assert request["WithDecryption"] is True
        found = {"Parameter": {"Name": name, "Type": "SecureString", "Value": self.parameters[name]}}
        return 200, json.dumps(found).encode()

    def secret(self, request: Mapping[str, Any]) -> tuple[int, bytes]:
        """GetSecretValue, of secrets that were never replaced: a status and JSON."""
        name = request["SecretId"]
        if name not in self.secrets or request["VersionStage"] != "AWSCURRENT":
            return 400, b'{"__type":"ResourceNotFoundException"}'
        found = {"VersionId": "1", "SecretString": self.secrets[name], "CreatedDate": 1_700_000_000.5}
        return 200, json.dumps(found).encode()


def _refusal(status: int, code: str) -> Answer:
    return status, {}, f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
