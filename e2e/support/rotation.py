"""Secrets of the stack, replaced as an operator has it done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.support.deadlines import PATIENCE, eventually

if TYPE_CHECKING:
    from e2e.support.account import Account


async def rotate(account: Account, secret: str, patience: float = PATIENCE) -> str:
    """Replace a secret, named by its logical id; its new version. AssertionError where that is refused."""
    name = account.of_type("AWS::SecretsManager::Secret")[secret]
    before = account.secrets.describe_secret(SecretId=name).get("LastRotatedDate")
    try:
        version = account.secrets.rotate_secret(SecretId=name)["VersionId"]
    except account.secrets.exceptions.ClientError as refused:
        raise AssertionError(refused) from refused

    async def ended() -> bool:
        return account.secrets.describe_secret(SecretId=name).get("LastRotatedDate") != before

    await eventually(ended, lambda done: done, patience)
    return str(version)
