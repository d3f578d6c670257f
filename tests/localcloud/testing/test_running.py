"""A localcloud for tests: stacks come to their templates or say why not, logs are waited for."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import background, testing
from localcloud.stacks import DeploymentError
from localcloud.testing import Localcloud
from tests.localcloud.command.support import free_port
from tests.localcloud.gradual_stack import function_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEADLINE_SECONDS = 60.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Localcloud]:
    """One for the module: a start takes two seconds."""
    with testing.running(tmp_path_factory.mktemp("localcloud")) as started:
        yield started


def template(folder: Path, resources: dict[str, Any], **sections: Any) -> Path:
    """A template's file."""
    folder.mkdir(exist_ok=True)
    path = folder / "template.json"
    path.write_text(json.dumps({"Resources": resources, **sections}))
    return path


def topic(name: Any) -> dict[str, Any]:
    """Resources with one topic."""
    return {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}}


def test_deploy_creates_then_updates_and_gives_the_outputs(running: Localcloud, tmp_path: Path) -> None:
    """With parameters; no change is no fault."""
    path = template(
        tmp_path,
        topic({"Ref": "Name"}),
        Parameters={"Name": {"Type": "String"}},
        Outputs={"Arn": {"Value": {"Ref": "Topic"}}},
    )
    first = running.deploy(path, "topics", {"Name": "first"})
    assert first["Arn"].endswith(":first")
    assert running.deploy(path, "topics", {"Name": "first"}) == first
    assert running.deploy(path, "topics", {"Name": "second"})["Arn"].endswith(":second")


def test_deploy_that_fails_says_why_and_can_be_done_again(running: Localcloud, tmp_path: Path) -> None:
    """What a failed creation leaves does not stand in the way."""
    url = "https://s3.amazonaws.com/no-such-bucket/no-such-key"
    wrong = {"Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}}
    for _ in range(2):
        with pytest.raises(DeploymentError, match=r"Nested: .*no-such-key"):
            running.deploy(template(tmp_path, wrong), "failing")
    unknown = {"Thing": {"Type": "AWS::No::Such", "Properties": {}}}
    with pytest.raises(DeploymentError, match="AWS::No::Such"):
        running.deploy(template(tmp_path, unknown), "failing")
    assert running.deploy(template(tmp_path, topic("right")), "failing") == {}


def test_deploy_packages_nested_templates(running: Localcloud, tmp_path: Path) -> None:
    """A nested stack's local path is uploaded, and CloudFormation finds it there."""
    (tmp_path / "nested.yaml").write_text(
        "Resources: { Topic: { Type: AWS::SNS::Topic, Properties: { TopicName: inner } } }\n"
        "Outputs: { Arn: { Value: !Ref Topic } }\n"
    )
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "nested.yaml"}}
    outputs = {"Inner": {"Value": {"Fn::GetAtt": ["Nested", "Outputs.Arn"]}}}
    path = template(tmp_path, {"Nested": nested}, Outputs=outputs)
    assert running.deploy(path, "outer")["Inner"].endswith(":inner")


def test_logs_of_a_function_that_never_ran_are_none(running: Localcloud) -> None:
    """And waiting for one of its lines ends, and says what there is."""
    assert running.logs("never") == []
    with pytest.raises(TimeoutError, match="never has not logged 'x' within 0 s, but:\nnothing"):
        running.wait_for_log("never", "x", seconds=0)


def test_localcloud_ends_while_a_stack_waits_for_its_shift(tmp_path: Path) -> None:
    """Whoever presses Ctrl-C does not wait for the minutes of a canary, and no process is left."""
    started = background.start(free_port(), tmp_path / "data", tmp_path / "log", die_with_us=True)
    own = Localcloud(started.endpoint_url)
    first, second = (template(tmp_path / text, function_of("gradual", text)) for text in ("one", "two"))
    own.deploy(first, "gradual")
    with ThreadPoolExecutor() as executor:
        deploying = executor.submit(own.deploy, second, "gradual")
        until_shifting(own.client("lambda"))
        started.process.terminate()
        assert started.process.wait(DEADLINE_SECONDS) == 0
        assert deploying.exception() is not None  # nobody answers it any more


def until_shifting(functions: Any) -> None:
    """Wait until a part of the traffic goes to the function's next version."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while "RoutingConfig" not in functions.get_alias(FunctionName="gradual", Name="live"):
        assert time.monotonic() < deadline
