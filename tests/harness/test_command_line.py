"""The command line: its help, and what it refuses."""

from __future__ import annotations

import pytest

from harness import commands
from harness.__main__ import main
from harness.package import Bundle
from harness.parameters import parameters_file
from harness.paths import BUILD


@pytest.mark.parametrize(
    "command", ["up", "down", "package", "deploy", "drift", "restore", "destroy", "publish", "chat"]
)
def test_help_of_every_command_says_what_it_does(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each has a help of its own, and the whole has examples."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"python -m harness {command}" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "examples:" in capsys.readouterr().out


def test_production_commands_are_those_of_the_aws_cli() -> None:
    """What the README writes is what runs."""
    bundle = Bundle(BUILD / "aws")
    assert commands.as_typed(commands.package_command(bundle, "my-artifacts")) == (
        "aws cloudformation package --template-file build/aws/root.yaml --s3-bucket my-artifacts"
        " --output-template-file build/aws/packaged.yaml"
    )
    assert commands.as_typed(
        commands.deploy_command(bundle, "my-artifacts", "parley-prod", parameters_file("prod"))
    ) == (
        "aws cloudformation deploy --template-file build/aws/packaged.yaml --s3-bucket my-artifacts"
        " --stack-name parley-prod --parameter-overrides file://stack/params/prod.json"
        " --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset"
    )
