"""The metrics of DynamoDB, CloudFront and Cognito: AWS's names, and what each answer counts as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pytest

from localcloud.cloudwatch.services import of_tables, of_user_pools, of_viewers
from localcloud.observations import Consumed, TablesServed, UserPoolAnswered, ViewerServed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localcloud.cloudwatch.metrics import Dimensions
    from localcloud.cloudwatch.services import MetricValue

USERS = (("TableName", "users"),)
BY_NAME = (*USERS, ("GlobalSecondaryIndexName", "ByName"))


def named(values: Iterable[MetricValue]) -> dict[tuple[str, Dimensions], float]:
    """The values by their metrics' names and dimensions."""
    return {(metric.name, metric.dimensions): value for metric, value in values}


def served(operation: str = "GetItem", status: int = 200, error: str = "", **more: Any) -> TablesServed:
    """An answer of DynamoDB's about one table."""
    return TablesServed(operation, ("users",), 3.14159, status, error, more.get("consumed", ()))


@pytest.mark.parametrize(("operation", "kind"), [("Query", "Read"), ("UpdateItem", "Write")])
def test_consumed_capacity_is_of_the_table_and_of_each_index(operation: str, kind: str) -> None:
    """In units; and the latency by operation, in tenths of a millisecond."""
    consumed = (Consumed("users", "", 1), Consumed("users", "ByName", 2.5))
    assert named(of_tables(served(operation, consumed=consumed))) == {
        (f"Consumed{kind}CapacityUnits", USERS): 1,
        (f"Consumed{kind}CapacityUnits", BY_NAME): 2.5,
        ("SuccessfulRequestLatency", (*USERS, ("Operation", operation))): 3.1,
    }


@pytest.mark.parametrize(
    ("operation", "status", "error", "expected"),
    [
        ("PutItem", 500, "InternalServerError", {"SystemErrors": "Operation"}),
        (
            "PutItem",
            400,
            "ProvisionedThroughputExceededException",
            {"ThrottledRequests": "Operation", "WriteThrottleEvents": "TableName"},
        ),
        (
            "Query",
            400,
            "ThrottlingException",
            {"ThrottledRequests": "Operation", "ReadThrottleEvents": "TableName"},
        ),
        (
            "PutItem",
            400,
            "ConditionalCheckFailedException",
            {"ConditionalCheckFailedRequests": "TableName"},
        ),
        ("PutItem", 400, "ValidationException", {"UserErrors": ""}),
    ],
)
def test_failed_request_counts_once_as_what_it_is_and_has_no_latency(
    operation: str, status: int, error: str, expected: dict[str, str]
) -> None:
    """By operation, by table, or of the whole account."""
    of_last = {"Operation": (*USERS, ("Operation", operation)), "TableName": USERS, "": ()}
    found = named(of_tables(served(operation, status, error)))
    assert found == {(name, of_last[last]): 1 for name, last in expected.items()}


@pytest.mark.parametrize(
    ("status", "rates"),
    [(200, (0, 0, 0)), (304, (0, 0, 0)), (404, (100, 0, 100)), (503, (0, 100, 100))],
)
def test_viewers_request_counts_with_its_bytes_and_the_rates_of_errors(
    status: int, rates: tuple[int, int, int]
) -> None:
    """Of a distribution, in CloudFront's one region."""
    of_site = (("DistributionId", "E1"), ("Region", "Global"))
    found = named(of_viewers(ViewerServed("E1", status, 7, 900)))
    names = ("Requests", "BytesUploaded", "BytesDownloaded", "4xxErrorRate", "5xxErrorRate", "TotalErrorRate")
    assert [found[name, of_site] for name in names] == [1, 7, 900, *rates]
    assert len(found) == len(names)


@pytest.mark.parametrize("request_", ["SignUp", "SignIn", "TokenRefresh"])
@pytest.mark.parametrize("succeeded", [True, False])
def test_sign_in_is_1_or_0_of_its_client(
    request_: Literal["SignUp", "SignIn", "TokenRefresh"], succeeded: bool
) -> None:
    """So that the average is the share of successes, and the count that of requests."""
    of_client = (("UserPool", "p"), ("UserPoolClient", "c"))
    found = named(of_user_pools(UserPoolAnswered("p", "c", request_, succeeded)))
    assert found == {(f"{request_}Successes", of_client): int(succeeded)}
