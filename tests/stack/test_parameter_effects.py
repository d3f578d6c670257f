"""What the parameters of the whole stack change in what is deployed, and that they change nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.stack.rendered import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.stack.rendered import Render

FUNCTION, LOGS, STAGE = "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::ApiGatewayV2::Stage"
ALL_LOGS = {"Firewall": "enabled", "WebPush": "enabled", "Canary": "manual", "SignInDomain": "parley-test"}
"""Parameters by which every function and every log group is there."""


def everywhere(names: Iterable[str], path: str, before: object, after: object) -> dict[str, Any]:
    """One change, in the same place of many resources."""
    return {f"{name}.Properties.{path}": (before, after) for name in names}


def test_log_level_is_that_of_every_function(render: Render) -> None:
    """None logs by another level; the canary and the sign-in do as the rest."""
    before, after = render(**ALL_LOGS), render(**ALL_LOGS, LogLevel="ERROR")
    path = "Environment.Variables.LOG_LEVEL"
    assert before.changes_to(after) == everywhere(before.of_type(FUNCTION), path, "INFO", "ERROR")


def test_logs_of_every_kind_are_kept_as_long_as_the_parameter_says(render: Render) -> None:
    """Of functions, of the three APIs and of the firewall."""
    before, after = render(**ALL_LOGS), render(**ALL_LOGS, LogRetentionDays=731)
    groups = before.of_type(LOGS)
    assert {"Realtime.AccessLogs", "Rest.AccessLogs", "Auth.AccessLogs", "WebAcl.Logs"} < groups.keys()
    assert before.changes_to(after) == everywhere(groups, "RetentionInDays", "30", "731")


def test_every_function_has_a_log_that_ends(render: Render) -> None:
    """A log group that Lambda made by itself would be kept for ever."""
    stack = render(**ALL_LOGS)
    named = {group["LogGroupName"] for group in stack.of_type(LOGS).values()}
    for name, function in stack.of_type(FUNCTION).items():
        assert f"/aws/lambda/{function['FunctionName']}" in named, name


@pytest.mark.parametrize(
    ("parameter", "setting", "default"),
    [("RateLimit", "ThrottlingRateLimit", "2000"), ("BurstLimit", "ThrottlingBurstLimit", "1000")],
)
def test_throttle_is_that_of_every_stage(render: Render, parameter: str, setting: str, default: str) -> None:
    """Of the HTTP API, of the WebSocket API and of the API that signs browsers in."""
    before, after = render(**ALL_LOGS), render(**ALL_LOGS, **{parameter: 7})
    stages = before.of_type(STAGE)
    assert stages.keys() == {"Auth.Stage", "Realtime.Stage", "Rest.Stage"}
    assert before.changes_to(after) == everywhere(stages, f"DefaultRouteSettings.{setting}", default, "7")


@pytest.mark.parametrize(
    ("parameter", "default", "functions"),
    [
        (
            "SendLimit",
            "2/120",
            ["Changes.ChangeMessage", "Changes.Message", "Realtime.SendMessage", "Rest.Messages"],
        ),
        ("ConnectLimit", "0.2/30", ["Rest.Tickets"]),
        ("TypingLimit", "1/20", ["Receipts.SendTyping"]),
        ("UploadLimit", "0.2/20", ["Media.UploadUrl"]),
        ("SearchLimit", "1/30", ["People.Search"]),
        ("ReportLimit", "0.05/20", ["People.Reports"]),
        ("ExportLimit", "0.001/3", ["Accounts.Account"]),
    ],
)
def test_limit_of_a_user_reaches_the_functions_that_hold_it(
    render: Render, parameter: str, default: str, functions: list[str]
) -> None:
    """All that send or change messages have one limit; each other limit is one function's."""
    variable = f"{parameter.removesuffix('Limit').upper()}_LIMIT"
    changes = render().changes_to(render(**{parameter: "3/60"}))
    assert changes == everywhere(functions, f"Environment.Variables.{variable}", default, "3/60")


def test_traces_are_sent_by_every_function_and_by_its_right_to(render: Render) -> None:
    """Where they are off, no role may write to X-Ray."""
    before, after = render(**ALL_LOGS), render(**ALL_LOGS, Tracing="Active")
    functions = before.of_type(FUNCTION)
    for stack, mode in ((before, "PassThrough"), (after, "Active")):
        assert {function["TracingConfig"]["Mode"] for function in stack.of_type(FUNCTION).values()} == {mode}
    roles = {function["Role"].strip("<>").removesuffix(".Arn") for function in functions.values()}
    policy = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"
    for role in roles:
        assert policy not in before.properties(role).get("ManagedPolicyArns", [])
        assert policy in after.properties(role)["ManagedPolicyArns"]


def test_messages_are_purged_daily_where_days_are_set(render: Render) -> None:
    """For ever is the default, and then nothing runs."""
    assert render().changes_to(render(RetentionDays=30)) == {
        **everywhere(
            ["Retention.Purge", "Retention.StartPurge"], "Environment.Variables.RETENTION_DAYS", "0", "30"
        ),
        "Retention.PurgeSchedule.Properties.State": ("DISABLED", "ENABLED"),
    }


def test_web_push_makes_what_notifies_and_tells_who_sends(render: Render) -> None:
    """Off, there is no route, no function and no key."""
    before, after = render(), render(WebPush="enabled")
    made = after.resources.keys() - before.resources.keys()
    assert made - {"Push", "Alarms.FailedNotifications"} == {
        name for name in after.resources if name.startswith("Push.")
    }
    assert {"Push.Push", "Push.PushSubscriptions", "Push.ApplicationServerKey"} < made
    for sender in ("Realtime.SendMessage", "Rest.Messages"):
        variables = [stack.properties(sender)["Environment"]["Variables"] for stack in (before, after)]
        assert [each["WEB_PUSH"] for each in variables] == ["disabled", "enabled"]


def test_push_services_are_told_to_who_calls_and_to_who_subscribes(render: Render) -> None:
    """An endpoint is looked at twice: the list may have been shortened in between."""
    before = render(WebPush="enabled")
    changes = before.changes_to(render(WebPush="enabled", PushServices="https://push.example.com"))
    default = before.properties("Push.Push")["Environment"]["Variables"]["PUSH_SERVICES"]
    assert default.startswith("https://fcm.googleapis.com,")
    path = "Environment.Variables.PUSH_SERVICES"
    functions = ["Push.Push", "Push.PushSubscriptions"]
    assert changes == everywhere(functions, path, default, "https://push.example.com")


def test_alarms_dashboard_and_topic_go_with_monitoring(render: Render) -> None:
    """And nothing else does; none of them costs anything then."""
    before, after = render(), render(Monitoring="disabled")
    gone = before.resources.keys() - after.resources.keys()
    assert {name.partition(".")[0] for name in gone} == {"Alarms", "Dashboard", "Topic"}
    assert {path.partition(".")[0] for path in before.changes_to(after)} <= {"Alarms", "Dashboard", "Topic"}


def test_alarms_write_to_the_address(render: Render) -> None:
    """Without one the topic has nobody whom it tells."""
    assert render().of_type("AWS::SNS::Subscription") == {}
    assert render(AlarmEmail="operations@example.com").of_type("AWS::SNS::Subscription") == {
        "Topic.Email": {
            "TopicArn": "<Topic.Topic>",
            "Protocol": "email",
            "Endpoint": "operations@example.com",
        }
    }


def test_budget_is_what_the_parameter_says_and_writes_to_the_address(render: Render) -> None:
    """0 sets none; what is spent is told at 80 and 100 percent, what is foreseen at 100."""
    assert render().of_type("AWS::Budgets::Budget") == {}
    stack = render(MonthlyBudget=500, AlarmEmail="operations@example.com", Monitoring="disabled")
    budget = stack.properties("Budget.Budget")
    assert budget["Budget"]["BudgetLimit"] == {"Amount": "500", "Unit": "USD"}
    assert budget["Budget"]["CostFilters"] == {"TagKeyValue": ["user:Application$parley"]}
    told = [each["Subscribers"] for each in budget["NotificationsWithSubscribers"]]
    assert told == [[{"SubscriptionType": "EMAIL", "Address": "operations@example.com"}]] * 3
    with pytest.raises(RefusedError, match="MonthlyBudget wants AlarmEmail"):
        render(MonthlyBudget=500)


@pytest.mark.parametrize(
    ("mode", "schedule", "alarm"), [("manual", "DISABLED", False), ("scheduled", "ENABLED", True)]
)
def test_canary_runs_and_alarms_as_its_parameter_says(
    render: Render, mode: str, schedule: str, *, alarm: bool
) -> None:
    """Off, no function is there that may set a password; only where it runs by itself silence is a fault."""
    off, on = render(), render(Canary=mode)
    assert not [name for name in off.resources if name.startswith("Synthetics")]
    assert on.properties("Synthetics.Schedule")["State"] == schedule
    assert on.properties("Synthetics.Schedule")["ScheduleExpression"] == "rate(5 minutes)"
    assert ("Alarms.CanaryFailures" in on.resources) == alarm
    flows = [set(each.properties("Auth.UserPoolClient")["ExplicitAuthFlows"]) for each in (off, on)]
    assert flows[1] - flows[0] == {"ALLOW_ADMIN_USER_PASSWORD_AUTH"}


def test_role_by_which_api_gateway_logs_is_made_once_an_account(render: Render) -> None:
    """Where another stack has made it, this one has none; and it outlives the stack that made it."""
    before, after = render(), render(ApiGatewayLogRole="existing")
    made = {"Realtime.ApiGatewayAccount", "Realtime.ApiGatewayRole"}
    assert before.resources.keys() - after.resources.keys() == made
    assert {before.resources[name]["DeletionPolicy"] for name in made} == {"Retain"}
    changed = {".".join(path.split(".")[:2]) for path in before.changes_to(after)}
    assert changed <= made | {"Realtime.Stage"}


def test_data_outlives_the_stack_in_prod_alone(render: Render) -> None:
    """Durable tables, files and users stay, and are protected while the stack is there."""
    lasting = {"Auth.UserPool", "Data.MediaBucket"} | {
        f"Data.{table}" for table in ("Chats", "Messages", "Users", "Reports")
    }
    prod = render(Environment="prod")
    for environment in ("dev", "staging"):
        other = render(Environment=environment)
        for name in lasting:
            assert prod.resources[name]["DeletionPolicy"] == "Retain"
            assert other.resources[name]["DeletionPolicy"] == "Delete"
    assert prod.properties("Auth.UserPool")["DeletionProtection"] == "ACTIVE"
    assert prod.properties("Data.Messages")["Replicas"][0]["DeletionProtectionEnabled"] is True
    assert render(Environment="dev").properties("Data.Messages")["Replicas"][0][
        "DeletionProtectionEnabled"
    ] in (False, "false")
