"""Makes AWS clients, one a service and environment, and reads batches of items through them."""

from __future__ import annotations

import os
import random
import time
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from chat.adapters.client import ConnectionsClient, JsonApi
from chat.adapters.endpoint import Endpoint
from chat.adapters.signing import Signer, role_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

Item = dict[str, Any]
"""An item as DynamoDB's API writes it: attribute values tagged with their types."""

BATCH_ATTEMPTS = 6
BATCH_BACKOFF = 0.010
"""Seconds: before attempt n at the keys left over, wait a random part of base * 2**n."""


class UnprocessedKeysError(Exception):
    """DynamoDB kept leaving keys of a batch unread, for lack of capacity."""


@cache
def dynamodb() -> DynamoDBClient:
    """The client of DynamoDB in the region whose tables all regions read and write."""
    return _dynamodb(os.environ.get("HOME_REGION") or os.environ["AWS_REGION"])


@cache
def dynamodb_here() -> DynamoDBClient:
    """The client of DynamoDB in this environment's region, for a table that no other region uses."""
    return _dynamodb(os.environ["AWS_REGION"])


def _dynamodb(region: str) -> DynamoDBClient:
    endpoint = Endpoint(_url("dynamodb", region), read_timeout=3)
    signer = Signer("dynamodb", region, role_credentials())
    return cast("DynamoDBClient", JsonApi("DynamoDB_20120810", endpoint, signer))


@cache
def sqs() -> SQSClient:
    """The client of SQS in this environment's region."""
    region = os.environ["AWS_REGION"]
    endpoint = Endpoint(_url("sqs", region), read_timeout=3)
    return cast("SQSClient", JsonApi("AmazonSQS", endpoint, Signer("sqs", region, role_credentials())))


@cache
def connections_api(endpoint: str, region: str) -> ApiGatewayManagementApiClient:
    """The client of one stage's @connections; `endpoint` is the stage's URL."""
    signer = Signer("execute-api", region, role_credentials())
    return cast(
        "ApiGatewayManagementApiClient", ConnectionsClient(Endpoint(endpoint, read_timeout=2), signer)
    )


def _url(service: str, region: str) -> str:
    """Where a service answers: where the environment says, for it or for all, else where AWS has it."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return (
        os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}")
        or os.environ.get("AWS_ENDPOINT_URL")
        or f"https://{service}.{region}.{suffix}"
    )


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
