"""A deployment with a look before it: which commands run, what is asked, and what stops it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest

from harness.change_sets import Patience
from harness.commands import create_change_set_command
from harness.confirm import Confirmation
from harness.deploy import Deployment
from harness.errors import HarnessError
from harness.package import Bundle
from harness.watch import rollback_configuration
from tests.harness.test_change_sets import FakeCloudFormation as OneStack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from types_boto3_cloudformation import CloudFormationClient

FUNCTION = {"Action": "Modify", "LogicalResourceId": "SendMessage", "ResourceType": "AWS::Lambda::Function"}
TABLE = {"Action": "Remove", "LogicalResourceId": "Chats", "ResourceType": "AWS::DynamoDB::Table"}


@dataclass
class FakeCloudFormation(OneStack):
    """CloudFormation with one stack, whose change sets have changes."""

    changes: list[dict[str, str]] = field(default_factory=lambda: [FUNCTION])

    def get_paginator(self, operation: str) -> FakeCloudFormation:
        """Give the changes in one page."""
        assert operation == "describe_change_set"
        return self

    def paginate(self, ChangeSetName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        """Give that page."""
        assert ChangeSetName == "change-set"
        yield {"Changes": [{"ResourceChange": change} for change in self.changes]}


@dataclass
class Desk:
    """Somebody at a terminal: what ran, what was said, and the answers that are given."""

    cloudformation: FakeCloudFormation
    folder: Path
    answer: str = "y"
    given: bool = False
    accepts_loss: bool = False
    nested_is_refused: bool = False
    ran: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def run(self, command: list[str]) -> str:
        """Do to the fake what the command does to CloudFormation."""
        self.ran.append(" ".join(command[2:3]))
        match command[2]:
            case "package":
                Bundle(self.folder).packaged_template.write_text("Resources: {}")
            case "create-change-set":
                refused = self.nested_is_refused and "--include-nested-stacks" in command
                self.cloudformation.refusal = "no unknown values here" if refused else self._refusal
                return '{"Id": "change-set", "StackId": "stack"}'
            case "execute-change-set":
                self.cloudformation.execute_change_set("change-set")
            case "delete-stack":
                self.cloudformation.delete_stack("parley")
        return ""

    def deploy(self) -> bool:
        """Deploy as `nox -s deploy` does."""
        self._refusal = self.cloudformation.refusal
        confirmation = Confirmation(self.given, lambda: True, lambda _question: self.answer)
        deployment = Deployment(
            cast("CloudFormationClient", self.cloudformation),
            self.run,
            self.said.append,
            confirmation,
            Patience(poll_seconds=0, deadline_seconds=60),
            self.accepts_loss,
        )
        return deployment.deploy(
            Bundle(self.folder), "parley", {"Environment": "dev"}, "bucket", "https://bucket"
        )


def test_deploy_runs_the_two_halves_of_the_command_of_the_readme(tmp_path: Path) -> None:
    """Package, make the change set, show it, ask, execute it; the parameters stand where the command says."""
    desk = Desk(FakeCloudFormation("CREATE_COMPLETE", outcome="UPDATE_COMPLETE"), tmp_path)
    assert desk.deploy()
    assert desk.ran == ["package", "cp", "create-change-set", "execute-change-set"]
    assert any("Modify  SendMessage  AWS::Lambda::Function" in said for said in desk.said)
    written = msgspec.json.decode((tmp_path / "parameters.json").read_bytes())
    assert written == [{"ParameterKey": "Environment", "ParameterValue": "dev"}]


def test_deploy_answered_no_executes_nothing(tmp_path: Path) -> None:
    """The change set goes; of a stack that would have been new, nothing is left."""
    desk = Desk(FakeCloudFormation("CREATE_COMPLETE"), tmp_path, answer="")
    with pytest.raises(HarnessError, match="Nothing was deployed"):
        desk.deploy()
    assert desk.ran == ["package", "cp", "create-change-set", "delete-change-set"]
    desk = Desk(FakeCloudFormation(), tmp_path, answer="no")
    with pytest.raises(HarnessError, match="Nothing was deployed"):
        desk.deploy()
    assert desk.ran == ["package", "cp", "create-change-set", "delete-stack"]


def test_deploy_without_changes_asks_nobody(tmp_path: Path) -> None:
    """There is nothing to agree to."""
    refusal = "The submitted information didn't contain changes."
    desk = Desk(FakeCloudFormation("UPDATE_COMPLETE", refusal=refusal), tmp_path, answer="never asked")
    assert not desk.deploy()
    assert desk.ran == ["package", "cp", "create-change-set", "delete-change-set"]


def test_deploy_that_loses_data_wants_more_than_yes(tmp_path: Path) -> None:
    """Automation stops before a table goes, unless it was told to accept that."""
    stands = FakeCloudFormation("CREATE_COMPLETE", outcome="UPDATE_COMPLETE", changes=[TABLE])
    desk = Desk(stands, tmp_path, given=True)
    with pytest.raises(HarnessError, match="--accept-loss"):
        desk.deploy()
    assert "execute-change-set" not in desk.ran
    assert any(said.startswith("WARNING: Chats") for said in desk.said)
    assert Desk(stands, tmp_path, given=True, accepts_loss=True).deploy()


def test_deploy_whose_nested_stacks_cannot_be_looked_into_goes_on_without(tmp_path: Path) -> None:
    """CloudFormation refuses that look where a property takes no value that is not known yet: it is said."""
    stands = FakeCloudFormation("CREATE_COMPLETE", outcome="UPDATE_COMPLETE")
    desk = Desk(stands, tmp_path, nested_is_refused=True)
    assert desk.deploy()
    assert desk.ran == ["package", "cp", "create-change-set", "create-change-set", "execute-change-set"]
    assert any("without a look into the nested stacks" in said for said in desk.said)


def test_deploy_after_a_failed_creation_deletes_what_it_left(tmp_path: Path) -> None:
    """CloudFormation cannot update a stack whose creation was rolled back."""
    desk = Desk(FakeCloudFormation("ROLLBACK_COMPLETE"), tmp_path)
    assert desk.deploy()
    assert desk.ran == ["package", "cp", "delete-stack", "create-change-set", "execute-change-set"]


@dataclass
class WithAlarm:
    """A stack with an alarm over all others, and CloudWatch, which knows its ARN."""

    has_alarm: bool = True

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        """Give the stack."""
        return {"Stacks": [{"StackName": StackName, "StackStatus": "CREATE_COMPLETE"}]}

    def get_paginator(self, operation: str) -> WithAlarm:
        """Give its resources in one page."""
        assert operation == "list_stack_resources"
        return self

    def paginate(self, StackName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        """Give that page."""
        assert StackName == "parley"
        kind = "AWS::CloudWatch::CompositeAlarm" if self.has_alarm else "AWS::SNS::Topic"
        alarm = {"LogicalResourceId": "Unhealthy", "ResourceType": kind, "PhysicalResourceId": "unhealthy"}
        yield {"StackResourceSummaries": [{**alarm, "ResourceStatus": "CREATE_COMPLETE"}]}

    def describe_alarms(self, AlarmNames: list[str], AlarmTypes: list[str]) -> dict[str, Any]:  # noqa: N803
        """Give the alarm."""
        assert (AlarmNames, AlarmTypes) == (["unhealthy"], ["CompositeAlarm"])
        return {"CompositeAlarms": [{"AlarmArn": "arn:unhealthy"}]}


def test_deployment_that_is_watched_is_taken_back_by_the_stacks_alarm(tmp_path: Path) -> None:
    """CloudFormation is told of the alarm over all others, and how long it may; without one, of nothing."""
    aws: Any = WithAlarm()
    watched = rollback_configuration(aws, aws, "parley", 10)
    assert msgspec.json.decode(watched) == {
        "RollbackTriggers": [{"Arn": "arn:unhealthy", "Type": "AWS::CloudWatch::CompositeAlarm"}],
        "MonitoringTimeInMinutes": 10,
    }
    command = create_change_set_command(
        Bundle(tmp_path),
        "https://bucket/key",
        "parley",
        "deploy-1",
        creates=False,
        nested=True,
        rollback=watched,
    )
    assert command[command.index("--rollback-configuration") + 1] == watched
    aws.has_alarm = False
    assert rollback_configuration(aws, aws, "parley", 10) == ""


def test_deployment_that_an_alarm_took_back_says_so(tmp_path: Path) -> None:
    """Nothing failed then: the reason is that of the rollback."""
    reason = "Rollback triggered by the alarm unhealthy"
    event = {"ResourceStatus": "UPDATE_ROLLBACK_IN_PROGRESS", "ResourceStatusReason": reason}
    outcome = "UPDATE_ROLLBACK_COMPLETE"
    stands = FakeCloudFormation("CREATE_COMPLETE", outcome=outcome, events={"stack": [event]})
    with pytest.raises(HarnessError, match=reason):
        Desk(stands, tmp_path).deploy()


def test_confirmation_where_nobody_can_be_asked_is_refused() -> None:
    """A pipe is no terminal: a command says so before it begins anything."""
    with pytest.raises(HarnessError, match="--yes"):
        Confirmation(can_ask=lambda: False).require_possible()
    Confirmation(given=True, can_ask=lambda: False).require_possible()


@pytest.mark.parametrize(("answer", "agrees"), [("y", True), (" YES ", True), ("", False), ("parley", False)])
def test_confirmation_takes_nothing_but_a_yes_for_one(answer: str, agrees: bool) -> None:
    """Return alone is a no; and a name is to be typed letter by letter."""
    assert Confirmation(ask=lambda _question: answer).agrees("Deploy?") is agrees
    assert Confirmation(ask=lambda _question: answer).types("parley", "Which?") is (answer == "parley")
