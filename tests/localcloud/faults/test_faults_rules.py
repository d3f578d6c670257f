"""What is a fault rule, and what is refused with which sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.dynamodb.proxy import DATA_OPERATIONS
from localcloud.dynamodb.replication import OPERATION
from localcloud.faults.points import EFFECTS
from localcloud.faults.rules import InvalidRules, Rule, read_rule, read_scenario
from localcloud.interfaces import FaultEffect

PUT_FAILS = {"service": "dynamodb", "operation": "PutItem", "effect": "error"}


def read(**parts: Any) -> Rule:
    """Read a rule of these parts on top of a failing put."""
    return read_rule(json.dumps(PUT_FAILS | parts).encode())


def test_rule_of_three_words_strikes_always_for_ten_minutes() -> None:
    """Service, operation and effect are enough."""
    rule = read()
    assert (rule.rate, rule.after, rule.count, rule.expires_in_seconds) == (1.0, 0, None, 600.0)
    assert (rule.resource, rule.connection_id) == ("*", "*")
    assert rule.operations == {"PutItem"}


def test_rule_operation_glob_is_of_those_that_honour_the_effect() -> None:
    """A dropped connection is nothing that could befall a post."""
    rule = read(service="execute-api", operation="*", effect="drop")
    assert rule.operations == {"SendMessage", "ReceiveMessage"}


def test_points_of_dynamodb_are_the_operations_that_the_proxy_serves() -> None:
    """A rule that is taken can strike."""
    assert EFFECTS["dynamodb"].keys() == DATA_OPERATIONS | {OPERATION}  # and an item on its way to a replica


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ({}, 500, "InternalServerError"),
        ({"code": "ConditionalCheckFailedException"}, 400, "ConditionalCheckFailedException"),
        ({"code": "X", "status": 503}, 503, "X"),
        (
            {"service": "execute-api", "operation": "PostToConnection", "status": 410},
            410,
            "GoneException",
        ),
        ({"service": "lambda", "operation": "Invoke"}, 500, "ServiceException"),
    ],
    ids=["nothing said", "DynamoDB's code", "both", "status of @connections", "Lambda"],
)
def test_rule_error_status_and_code_complete_each_other(
    parts: dict[str, Any], status: int, code: str
) -> None:
    """Whoever says one need not know the other."""
    fault = read(**parts).fault
    assert (fault.effect, fault.status, fault.code) == (FaultEffect.ERROR, status, code)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"service": "s3"}, "The service is one of execute-api, lambda, dynamodb, not 's3'"),
        ({"operation": "PutItems"}, "not 'PutItems'"),
        ({"effect": "crash-after"}, "is one of error, delay, throttle, not 'crash-after'"),
        ({"effect": "explode"}, "explode"),
        ({"effect": "delay"}, "needs delayMs"),
        ({"effect": "throttle", "status": 400}, "status and code are for the effect 'error'"),
        ({"rate": 1.5}, "$.rate"),
        ({"rate": -0.1}, "$.rate"),
        ({"count": 0}, "$.count"),
        ({"after": -1}, "$.after"),
        ({"expiresInSeconds": 0}, "$.expiresInSeconds"),
        ({"expiresInSeconds": 100_000}, "$.expiresInSeconds"),
        ({"status": 200}, "$.status"),
        ({"id": "a/b"}, "$.id"),
        ({"table": "Messages"}, "table"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_rule_that_could_not_strike_is_refused_with_one_sentence(parts: dict[str, Any], says: str) -> None:
    """The sentence says what is wrong."""
    with pytest.raises(InvalidRules) as refused:
        read(**parts)
    sentence = str(refused.value)
    assert says in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"rules": []}', b'{"rules": [{}]}'])
def test_scenario_without_rules_is_refused(content: bytes) -> None:
    """Whatever it is instead."""
    with pytest.raises(InvalidRules):
        read_scenario(content)
