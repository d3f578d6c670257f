"""What MiniStack reads from the process's environment when it is imported: one configuration a process."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localcloud.data_directory import DataDirectory
    from localcloud.settings import Settings

_UNWANTED = (
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "EDGE_PORT",
    "LAMBDA_EXECUTOR",
    "LOCALSTACK_PERSISTENCE",
    "SERVICES",
)
"""Settings of other tools, and a developer's own credentials, which must not change what is emulated."""


def configure(settings: Settings, data: DataDirectory) -> None:
    """Set MiniStack's environment; call it before anything imports ``ministack``.

    Raises:
        RuntimeError: MiniStack is imported already, so it would keep an older configuration.
    """
    if "ministack" in sys.modules:
        raise RuntimeError("MiniStack takes one configuration a process and is imported already.")
    for name in _UNWANTED:
        os.environ.pop(name, None)
    os.environ.update(
        {
            "AUTH": "true",  # SigV4 and IAM are checked; without it every request is root's
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "BIND_HOST": settings.host,
            "GATEWAY_PORT": str(settings.port),
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": settings.log_level.upper(),
            "MINISTACK_ACCOUNT_ID": settings.account_id,
            "MINISTACK_REGION": settings.region,
            "PERSIST_STATE": "0",  # it saves on a clean stop only; localcloud.ministack.state saves always
            "S3_DATA_DIR": str(data.objects.resolve()),
            "S3_PERSIST": "1",
            "SFTP_ENABLED": "0",
            "STATE_DIR": str(data.keys.resolve()),
        }
    )
