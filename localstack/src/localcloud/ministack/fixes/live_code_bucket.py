"""Functions: code of the S3 bucket ``hot-reload`` is a directory of this machine, as with LocalStack.

Fault: none, a convention. ``S3Key`` is the directory's absolute path; MiniStack finds no such object and
takes the function without any code. Here the package becomes one that only names the directory, for
CreateFunction, UpdateFunctionCode and CloudFormation alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ministack.services import lambda_svc

from localcloud.directory_packages import package_naming
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

BUCKET = "hot-reload"


def _fetch(fetch: Callable[..., bytes | None]) -> Callable[..., bytes | None]:
    def fetch_code(bucket: str, key: str, version_id: str | None = None) -> bytes | None:
        return package_naming(key) if bucket == BUCKET else fetch(bucket, key, version_id)

    return fetch_code


FIX = Fix(Patch(lambda_svc, "_fetch_code_from_s3", _fetch))
