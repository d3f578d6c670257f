"""The secrets that the stack makes: replaced on a schedule, by functions that may touch nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat.service.web_sessions import LIFETIME

if TYPE_CHECKING:
    from tests.stack.rendered import Render
    from tests.stack.template import Template

DAY = 24 * 60 * 60


@pytest.mark.parametrize("days", [60, 365])
def test_own_secrets_are_replaced_every_so_many_days(render: Render, days: int) -> None:
    """Each by its function, which Secrets Manager may invoke for it alone; a deployment replaces none."""
    stack = render(SecretRotationDays=days, SignInDomain="parley-test")
    schedules = stack.of_type("AWS::SecretsManager::RotationSchedule")
    secrets = stack.of_type("AWS::SecretsManager::Secret")
    allowed = {
        (each["FunctionName"], each["SourceArn"])
        for each in stack.of_type("AWS::Lambda::Permission").values()
        if each["Principal"] == "secretsmanager.amazonaws.com"
    }
    assert {each["SecretId"] for each in schedules.values()} == {f"<{name}.Id>" for name in secrets}
    for schedule in schedules.values():
        assert schedule["RotationRules"] == {"AutomaticallyAfterDays": str(days)}
        assert schedule["RotateImmediatelyOnUpdate"] is False
        function = schedule["RotationLambdaARN"].removesuffix(".Arn>")
        assert (f"{function}>", schedule["SecretId"]) in allowed
    assert len(allowed) == len(schedules) == 2


def test_key_of_cookies_is_made_only_where_browsers_sign_in_by_providers(render: Render) -> None:
    """Else nothing has cookies, and the secret would cost."""
    assert set(render().of_type("AWS::SecretsManager::Secret")) == {"Downloads.DownloadKey"}


def test_no_session_outlives_the_key_before_its_own(templates: dict[str, Template]) -> None:
    """A cookie is good as long as a session at most, and a key till the next but one replaces it."""
    allowed = templates["root"].parameters["SecretRotationDays"]["AllowedValues"]
    assert min(allowed) * DAY > LIFETIME + DAY


def test_secret_is_generated_and_stands_in_no_template(templates: dict[str, Template]) -> None:
    """Nor in a parameter or a function's variable, which has its ARN."""
    for template in templates.values():
        for secret in template.of_type("AWS::SecretsManager::Secret").values():
            assert "SecretString" not in secret["Properties"]
