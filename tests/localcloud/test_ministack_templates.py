"""Templates and stacks are read in a fraction of MiniStack's time, and to the same effect.

When an ``..._unfixed_...`` test fails, upstream has become quick itself: delete the fix with its tests.
"""

from __future__ import annotations

import pytest
import yaml

pytestmark = pytest.mark.usefixtures("aws")

TEMPLATE = """\
Conditions:
  Wanted: !Not [!Equals [!Ref AWS::Region, nowhere]]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: { AssumeRolePolicyDocument: { Version: 2012-10-17, Statement: [] } }
  Queue:
    Type: AWS::SQS::Queue
    Condition: Wanted
    Properties:
      Tags: [{ Key: role, Value: !GetAtt Role.Arn }, { Key: list, Value: !GetAtt [Role, Arn] }]
      DelaySeconds: 5
      QueueName: !Sub
        - "${Name}-é"
        - Name: !If [Wanted, !Select [0, [a]], !Ref AWS::NoValue]
"""


async def test_template_read_by_libyaml_says_the_same() -> None:
    """Short forms, dates and anything beyond ASCII included."""
    from ministack.services.cloudformation import engine  # noqa: PLC0415 - after it is configured

    from localcloud.ministack.fixes import template_reading  # noqa: PLC0415

    assert issubclass(engine.CfnLoader, yaml.CSafeLoader)
    parsed = engine._parse_template(TEMPLATE)  # noqa: SLF001
    assert parsed["Resources"]["Queue"]["Properties"]["Tags"][0]["Value"] == {"Fn::GetAtt": ["Role", "Arn"]}
    with template_reading.FIX.undone():
        assert parsed == engine._parse_template(TEMPLATE)  # noqa: SLF001


async def test_template_unfixed_is_read_in_python() -> None:
    """MiniStack alone takes a second for a thousand lines."""
    from ministack.services.cloudformation import engine  # noqa: PLC0415 - after it is configured

    from localcloud.ministack.fixes import template_reading  # noqa: PLC0415

    with template_reading.FIX.undone():
        assert not issubclass(engine.CfnLoader, yaml.CSafeLoader)


async def test_stack_state_is_read_without_a_copy() -> None:
    """A save, which holds everyone up, does not copy templates and events first."""
    from ministack.services import cloudformation  # noqa: PLC0415 - after it is configured

    state = cloudformation.get_state()
    assert state["stacks"] is cloudformation._stacks  # noqa: SLF001
    assert state.keys() == {"stacks", "stack_events", "exports", "change_sets"}


async def test_stack_state_unfixed_is_a_copy() -> None:
    """MiniStack alone copies everything of every stack."""
    from ministack.services import cloudformation  # noqa: PLC0415 - after it is configured

    from localcloud.ministack.fixes import stack_state  # noqa: PLC0415

    with stack_state.FIX.undone():
        assert cloudformation.get_state()["stacks"] is not cloudformation._stacks  # noqa: SLF001
