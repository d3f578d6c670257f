"""AWS's SDK, for the services that few requests need: its clients cost a tenth of a second to make."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_CONFIG = Config(
    connect_timeout=1,
    read_timeout=8,  # S3 answers a copy of a large file when it is done
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=8,  # as many as the services use side by side
)
_S3_CONFIG = _CONFIG.merge(Config(signature_version="s3v4", s3={"us_east_1_regional_endpoint": "regional"}))
_REGIONAL = Config(s3={"us_east_1_regional_endpoint": "regional", "addressing_style": "virtual"})
"""Has S3 be reached at the bucket's host in its region, which the web site's policy names, and no other.

What stands in for S3 at another endpoint need have no such host."""


@cache
def _session() -> botocore.session.Session:
    return botocore.session.Session()


@cache
def s3() -> S3Client:
    """The client of S3 in this environment's region."""
    config = _S3_CONFIG if "AWS_ENDPOINT_URL" in os.environ else _S3_CONFIG.merge(_REGIONAL)
    return cast("S3Client", _client("s3", config))


@cache
def ssm() -> Any:  # noqa: ANN401 - its types are not installed, and three calls are made
    """The client of the parameter store in this environment's region."""
    return _client("ssm", _CONFIG)


@cache
def secrets_manager() -> Any:  # noqa: ANN401 - its types are not installed, and three calls are made
    """The client of Secrets Manager in this environment's region."""
    return _client("secretsmanager", _CONFIG)


@cache
def cloudfront() -> Any:  # noqa: ANN401 - its types are not installed
    """The client of CloudFront."""
    return _client("cloudfront", _CONFIG)


@cache
def cognito(user_pool_id: str) -> Any:  # noqa: ANN401 - its types are not installed, and two calls are made
    """The client of Cognito's user pools in the region of this one, which its id begins with."""
    return _client("cognito-idp", _CONFIG, user_pool_id.partition("_")[0])


def _client(service: str, config: Config, region: str = "") -> object:
    """A client in this environment's region, or another."""
    return _session().create_client(service, region_name=region or os.environ["AWS_REGION"], config=config)
