"""Secrets that change, in Secrets Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.ports.keys import Version

if TYPE_CHECKING:
    from chat.ports.keys import Stage


class SecretsManager:
    """Serves `ports.RotatedSecrets`."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - its types are not installed
        """Use Secrets Manager."""
        self._client = client

    def read(self, name: str, stage: Stage) -> Version | None:
        """The version with this label; None where there is none, or nothing was written to it yet."""
        try:
            found = self._client.get_secret_value(SecretId=name, VersionStage=stage)
        except self._client.exceptions.ResourceNotFoundException:
            return None
        return Version(found["VersionId"], found["SecretString"], found["CreatedDate"].timestamp())

    def put(self, name: str, version_id: str, text: str, stage: Stage) -> None:
        """Write a version, with this label."""
        self._client.put_secret_value(
            SecretId=name, ClientRequestToken=version_id, SecretString=text, VersionStages=[stage]
        )

    def promote(self, name: str, version_id: str, current_id: str) -> None:
        """Make a version the current one; Secrets Manager makes the current one the previous."""
        self._client.update_secret_version_stage(
            SecretId=name,
            VersionStage="AWSCURRENT",
            MoveToVersionId=version_id,
            RemoveFromVersionId=current_id,
        )
