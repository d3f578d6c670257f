"""The alarms: each watches what exists, tells what to do, and is rolled up; and whom they tell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.stack.observed import (
    CONSTANT,
    NAMED_BY,
    REFERRED_BY,
    STACK,
    alarm_metrics,
    given,
    names_of,
    outputs_of,
)

if TYPE_CHECKING:
    from tests.stack.template import Template

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.fixture
def alarms(templates: dict[str, Template]) -> dict[str, dict[str, Any]]:
    """Every alarm of a symptom by its logical id: its properties and condition."""
    return {
        name: {**found["Properties"], "Condition": found.get("Condition")}
        for name, found in templates["alarms"].of_type("AWS::CloudWatch::Alarm").items()
    }


def anchors() -> set[str]:
    """The headings of the operations document, as links name them."""
    headings = re.findall(r"^#+ (.+)$", OPERATIONS.read_text(), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_alarm_watches_metrics_whose_dimensions_are_the_stacks(
    templates: dict[str, Template], alarms: dict[str, dict[str, Any]]
) -> None:
    """A metric of a misspelt function has no values for ever, and its alarm is OK for ever."""
    for alarm in alarms.values():
        for _, name, dimensions in alarm_metrics(alarm):
            assert dimensions, name
            for dimension, value in dimensions.items():
                if dimension in NAMED_BY:
                    assert value["Fn::Sub"] in names_of(templates, dimension)
                elif dimension in REFERRED_BY:
                    source = given(templates, "Alarms", value["Ref"])
                    assert source in outputs_of(templates, REFERRED_BY[dimension])
                else:
                    assert dimension in CONSTANT | STACK


def test_every_dead_letter_queue_is_watched(
    templates: dict[str, Template], alarms: dict[str, dict[str, Any]]
) -> None:
    """A task that failed for good is seen, whichever queue it is in."""
    watched = {
        dimensions["QueueName"]["Fn::Sub"] for _, _, dimensions in alarm_metrics(alarms["DeadLetters"])
    }
    assert watched == {name for name in names_of(templates, "QueueName") if name.endswith("-dead-letters")}


def test_alarm_names_its_section_of_the_runbook(
    templates: dict[str, Template], alarms: dict[str, dict[str, Any]]
) -> None:
    """Who is woken finds what to do."""
    composite = templates["alarms"].resources["Unhealthy"]["Properties"]
    for alarm in (*alarms.values(), composite):
        document, _, anchor = alarm["AlarmDescription"].rpartition(" - ")[2].partition("#")
        assert document == "docs/operations.md"
        assert anchor in anchors()


def test_alarm_takes_silence_for_health(alarms: dict[str, dict[str, Any]]) -> None:
    """Counts of faults have no values while there are none; DynamoDB's would keep the state: filled."""
    for name, alarm in alarms.items():
        # The canary alone speaks every five minutes: it has died where it does not.
        assert alarm["TreatMissingData"] == ("breaching" if name == "CanaryFailures" else "notBreaching")
        if any(namespace == "AWS/DynamoDB" for namespace, _, _ in alarm_metrics(alarm)):
            assert "FILL(" in alarm["Metrics"][0]["Expression"]


def test_composite_alarm_is_over_every_alarm_and_alone_tells_the_topic(
    templates: dict[str, Template], alarms: dict[str, dict[str, Any]]
) -> None:
    """One message when the first symptom appears, and one when the last is gone."""
    composite = templates["alarms"].resources["Unhealthy"]["Properties"]
    separator, rules = composite["AlarmRule"]["Fn::Join"]
    assert separator == " OR "
    conditions = {}
    for rule in rules:
        condition, said = (rule["Fn::If"][0], rule["Fn::If"][1]) if "Fn::If" in rule else (None, rule)
        conditions[said["Fn::Sub"].removeprefix('ALARM("${').removesuffix('}")')] = condition
    assert conditions == {name: alarm["Condition"] for name, alarm in alarms.items()}
    assert composite["AlarmActions"] == composite["OKActions"] == [{"Ref": "TopicArn"}]
    assert not any("AlarmActions" in alarm for alarm in alarms.values())


def test_topic_is_encrypted_by_a_key_that_alarms_may_use(templates: dict[str, Template]) -> None:
    """SNS's own key lets no alarm publish: its messages would be lost without a word."""
    topic = templates["topic"]
    own = {"Fn::GetAtt": ["TopicKey", "Arn"]}
    chosen = topic.resources["Topic"]["Properties"]["KmsMasterKeyId"]
    assert chosen == {"Fn::If": ["HasKey", {"Ref": "KeyArn"}, own]}
    key = topic.resources["TopicKey"]["Properties"]["KeyPolicy"]["Statement"]
    (alarms,) = [one for one in key if one["Principal"] == {"Service": "cloudwatch.amazonaws.com"}]
    assert alarms["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert alarms["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
