"""The metrics that DynamoDB, CloudFront and Cognito publish of themselves: AWS's names and dimensions.

- https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
- https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
- https://docs.aws.amazon.com/cognito/latest/developerguide/metrics-for-cognito-user-pools.html
"""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from localcloud.cloudwatch.metrics import Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.cloudwatch.metrics import Dimensions
    from localcloud.observations import Consumed, TablesServed, UserPoolAnswered, ViewerServed

MetricValue = tuple[Metric, float]

_DYNAMODB = "AWS/DynamoDB"
_CLOUDFRONT = "AWS/CloudFront"
_COGNITO = "AWS/Cognito"

_WRITES = frozenset({"BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"})
_THROTTLED = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}
)
_CONDITION_FAILED = "ConditionalCheckFailedException"
_EXACT_BELOW_MS = 10.0


def of_tables(served: TablesServed) -> Iterator[MetricValue]:
    """DynamoDB's of an answer. It publishes no zeros: what did not happen has no value."""
    outcome = served.status, served.error
    yield from _counts(served.operation, served.tables, *outcome, served.consumed)
    if not served.error:
        latency = _rounded(served.latency_ms)
        for metric in _latencies(served.operation, served.tables):
            yield metric, latency


@lru_cache(maxsize=1024)  # every message makes the same few
def _latencies(operation: str, tables: tuple[str, ...]) -> tuple[Metric, ...]:
    return tuple(
        Metric(
            _DYNAMODB,
            "SuccessfulRequestLatency",
            (("TableName", table), ("Operation", operation)),
            "Milliseconds",
        )
        for table in tables
    )


@lru_cache(maxsize=4096)
def _counts(
    operation: str, tables: tuple[str, ...], status: int, error: str, consumed: tuple[Consumed, ...]
) -> tuple[MetricValue, ...]:
    """What counts in an answer that is like this."""
    kind = "Write" if operation in _WRITES else "Read"
    units = [(f"Consumed{kind}CapacityUnits", _place(each), each.units) for each in consumed]
    faults = [
        (name, dimensions, 1.0)
        for table in tables
        for name, dimensions in _faults(operation, table, status, error)
    ]
    if error and status < HTTPStatus.INTERNAL_SERVER_ERROR and error not in _THROTTLED | {_CONDITION_FAILED}:
        faults.append(("UserErrors", (), 1.0))  # of the account: what the caller got wrong
    return tuple(
        (Metric(_DYNAMODB, name, dimensions, "Count"), value) for name, dimensions, value in [*units, *faults]
    )


def _faults(operation: str, table: str, status: int, error: str) -> Iterator[tuple[str, Dimensions]]:
    """The faults of an answer that count by table, or by its operation."""
    of_table: Dimensions = (("TableName", table),)
    of_operation = (*of_table, ("Operation", operation))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        yield "SystemErrors", of_operation
    elif error in _THROTTLED:
        yield "ThrottledRequests", of_operation
        yield f"{'Write' if operation in _WRITES else 'Read'}ThrottleEvents", of_table
    elif error == _CONDITION_FAILED:
        yield "ConditionalCheckFailedRequests", of_table


def _place(consumed: Consumed) -> Dimensions:
    of_table: Dimensions = (("TableName", consumed.table),)
    return (*of_table, ("GlobalSecondaryIndexName", consumed.index)) if consumed.index else of_table


def of_viewers(served: ViewerServed) -> Iterator[MetricValue]:
    """CloudFront's of an answer: an error rate is 0 or 100 of each, so that its average is the rate."""
    dimensions = (("DistributionId", served.distribution_id), ("Region", "Global"))
    yield Metric(_CLOUDFRONT, "Requests", dimensions, "None"), 1
    yield Metric(_CLOUDFRONT, "BytesUploaded", dimensions, "None"), served.uploaded
    yield Metric(_CLOUDFRONT, "BytesDownloaded", dimensions, "None"), served.downloaded
    class_ = served.status // 100
    for name, counted in (("4xx", class_ == 4), ("5xx", class_ == 5), ("Total", class_ >= 4)):  # noqa: PLR2004 - HTTP's classes of status
        yield Metric(_CLOUDFRONT, f"{name}ErrorRate", dimensions, "Percent"), 100 if counted else 0


def of_user_pools(answered: UserPoolAnswered) -> Iterator[MetricValue]:
    """Cognito's of an answer: 1 for a success and 0 for a failure, so that the average is the share."""
    dimensions = (("UserPool", answered.user_pool), ("UserPoolClient", answered.client))
    yield Metric(_COGNITO, f"{answered.request}Successes", dimensions, "Count"), int(answered.succeeded)


def _rounded(milliseconds: float) -> float:
    """Few distinct values, however many requests: tenths below 10 ms, whole milliseconds above."""
    return round(milliseconds, 1) if milliseconds < _EXACT_BELOW_MS else round(milliseconds)
