"""Makes AWS clients, one a service and environment, and reads batches of items through them."""

from __future__ import annotations

import os
import random
import time
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from types_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
"""An item as DynamoDB's API writes it: attribute values tagged with their types."""

CONNECTIONS_PER_CLIENT = 8
"""HTTP connections that a client keeps open: as many as the services use side by side."""
BATCH_ATTEMPTS = 6
BATCH_BACKOFF = 0.010
"""Seconds: before attempt n at the keys left over, wait a random part of base * 2**n."""


class UnprocessedKeysError(Exception):
    """DynamoDB kept leaving keys of a batch unread, for lack of capacity."""


@cache
def _session() -> botocore.session.Session:
    """The one session; boto3's own would add 30 ms to a cold start and nothing that is used."""
    return botocore.session.Session()


def _config(read_timeout: float) -> Config:
    return Config(
        connect_timeout=1,
        read_timeout=read_timeout,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=CONNECTIONS_PER_CLIENT,
        parameter_validation=False,  # requests are built here, and checking costs as much as signing
        tcp_keepalive=True,
        user_agent=_session().user_agent(),  # written once, not for each request
    )


@cache
def dynamodb() -> DynamoDBClient:
    """The client of DynamoDB in this environment's region."""
    region = os.environ["AWS_REGION"]
    client = _session().create_client("dynamodb", region_name=region, config=_config(read_timeout=3))
    return cast("DynamoDBClient", client)


@cache
def connections_api(endpoint: str, region: str) -> ApiGatewayManagementApiClient:
    """The client of one stage's @connections; `endpoint` is the stage's URL."""
    client = _session().create_client(
        "apigatewaymanagementapi", region_name=region, endpoint_url=endpoint, config=_config(read_timeout=2)
    )
    return cast("ApiGatewayManagementApiClient", client)


def batch_get(client: DynamoDBClient, requests: Mapping[str, Any]) -> dict[str, list[Item]]:
    """Read up to 100 items of one table or several, asking again for what DynamoDB leaves unprocessed.

    Returns:
        The items that exist, by table.

    Raises:
        UnprocessedKeysError: some were never read.
    """
    found: dict[str, list[Item]] = {table: [] for table in requests}
    for attempt in range(BATCH_ATTEMPTS):
        if attempt:
            time.sleep(random.random() * BATCH_BACKOFF * 2**attempt)  # noqa: S311 - jitter
        response = client.batch_get_item(RequestItems=requests)
        for table, items in response["Responses"].items():
            found[table].extend(cast("list[Item]", items))
        if not (requests := response["UnprocessedKeys"]):
            return found
    raise UnprocessedKeysError
