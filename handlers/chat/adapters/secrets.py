"""Secrets in the parameter store (SecureString)."""

from __future__ import annotations

from typing import Any


class ParameterSecrets:
    """Serves `ports.Secrets`."""

    def __init__(self, client: Any, key: str = "") -> None:  # noqa: ANN401 - its types are not installed
        """Use the parameter store, and encrypt by the KMS key with this ARN; empty leaves it to AWS."""
        self._client = client
        self._encryption = {"KeyId": key} if key else {}

    def add(self, name: str, text: str) -> None:
        """Write a secret unless there is one with this name."""
        try:
            self._client.put_parameter(
                Name=name, Value=text, Type="SecureString", Overwrite=False, **self._encryption
            )
        except self._client.exceptions.ParameterAlreadyExists:
            return

    def get(self, name: str) -> str:
        """The secret; it is there."""
        found: str = self._client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        return found

    def remove(self, name: str) -> None:
        """Forget the secret, if it is there."""
        try:
            self._client.delete_parameter(Name=name)
        except self._client.exceptions.ParameterNotFound:
            return
