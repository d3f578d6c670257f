"""The functions: one an entry, each with a role that allows exactly what its code calls."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.stack.template import Template

HANDLERS = Path(__file__).parents[2] / "handlers"
ENTRIES = sorted(path.stem for path in HANDLERS.glob("*.py"))

PUSH = {
    "execute-api:ManageConnections POST/@connections/*",
    "execute-api:ManageConnections DELETE/@connections/*",
}
LIMIT = "UpdateItem Limits"
FAN_OUT = "sqs:SendMessage FanOutQueue"
TELL = {"BatchGetItem Connections", "UpdateItem Connections", FAN_OUT, *PUSH}
"""What brings frames to devices."""
SEND = {
    "s3:GetObject uploads/*",
    "s3:GetObject media/*",
    "s3:PutObject media/*",
    "BatchGetItem Chats",
    "BatchGetItem Messages",
    "PutItem Messages",
    "Query Messages",
    "BatchGetItem Connections",
    "UpdateItem Connections",
    LIMIT,
    FAN_OUT,
    *PUSH,
}
CHANGE = {
    LIMIT,
    "s3:DeleteObject uploads/*",
    "s3:DeleteObject media/*",
    "BatchGetItem Chats",
    "GetItem Chats",
    "BatchGetItem Messages",
    "GetItem Messages",
    "PutItem Messages",
    "Query Messages",
    "BatchGetItem Connections",
    "UpdateItem Connections",
    FAN_OUT,
    *PUSH,
}
ALLOWED = {
    "health": {"GetItem Chats"},
    "upload_url": {LIMIT, "s3:PutObject uploads/*", "BatchGetItem Chats", "PutItem Users"},
    "media": {
        "secretsmanager:GetSecretValue SigningKey",
        "GetItem Chats",
        "GetItem Messages",
        "PutItem Users",
    },
    "signing_key": {
        "secretsmanager:GetSecretValue DownloadKey",
        "secretsmanager:PutSecretValue DownloadKey",
        "secretsmanager:UpdateSecretVersionStage DownloadKey",
        "cloudfront:CreateKeyGroup *",
        "cloudfront:CreatePublicKey *",
        "cloudfront:DeleteKeyGroup *",
        "cloudfront:DeletePublicKey *",
        "cloudfront:GetKeyGroup *",
        "cloudfront:GetPublicKey *",
        "cloudfront:ListKeyGroups *",
        "cloudfront:ListPublicKeys *",
        "cloudfront:UpdateKeyGroup *",
    },
    "cookie_key": {
        "secretsmanager:GetSecretValue Key",
        "secretsmanager:PutSecretValue Key",
        "secretsmanager:UpdateSecretVersionStage Key",
    },
    "fan_out": {
        "sqs:DeleteMessage FanOutQueue",
        "sqs:GetQueueAttributes FanOutQueue",
        "sqs:ReceiveMessage FanOutQueue",
        FAN_OUT,
        "BatchGetItem Chats",
        "Query Chats",
        "Query Chats/index/ByUser",
        "BatchGetItem Users",
        "UpdateItem Users",
        "BatchGetItem Connections",
        "UpdateItem Connections",
        "sqs:SendMessage PushQueue",
        *PUSH,
    },
    "push_subscriptions": {"PutItem Users", "UpdateItem Users"},
    "push_key": {
        "ssm:PutParameter /${NamePrefix}/push/*",
        "ssm:GetParameter /${NamePrefix}/push/*",
        "ssm:DeleteParameter /${NamePrefix}/push/*",
    },
    "push": {
        "sqs:DeleteMessage PushQueue",
        "sqs:GetQueueAttributes PushQueue",
        "sqs:ReceiveMessage PushQueue",
        "ssm:GetParameter ${ApplicationServerKey}",
        "UpdateItem Users",
    },
    "authorizer": {"UpdateItem Tickets"},
    "canary": {
        "cognito-idp:AdminCreateUser UserPool",
        "cognito-idp:AdminInitiateAuth UserPool",
        "cognito-idp:AdminSetUserPassword UserPool",
    },
    "connect": {"UpdateItem Connections", FAN_OUT},
    "disconnect": {"UpdateItem Connections", FAN_OUT},
    "default": PUSH,
    "send_message": SEND,
    "get_messages": {"GetItem Chats", "Query Messages", *PUSH},
    "sync": {"BatchGetItem Chats", "BatchGetItem Messages", "Query Messages", *PUSH},
    "get_users": {"BatchGetItem Chats", "Query Users/index/ByUsernamePrefix", *PUSH},
    "tickets": {LIMIT, "PutItem Tickets", "GetItem Users", "PutItem Users"},
    "mark": {
        "BatchGetItem Chats",
        "GetItem Chats",
        "UpdateItem Chats",
        "Query Messages",
        "BatchGetItem Connections",
        "UpdateItem Connections",
        FAN_OUT,
        *PUSH,
    },
    "send_typing": {
        LIMIT,
        "BatchGetItem Chats",
        "BatchGetItem Connections",
        "UpdateItem Connections",
        FAN_OUT,
        *PUSH,
    },
    "get_presence": {
        "BatchGetItem Chats",
        "GetItem Chats",
        "BatchGetItem Connections",
        "BatchGetItem Users",
        *PUSH,
    },
    "watermarks": {
        "BatchGetItem Chats",
        "GetItem Chats",
        "UpdateItem Chats",
        "Query Chats/index/ByUser",
        "Query Messages",
        "BatchGetItem Connections",
        "UpdateItem Connections",
        FAN_OUT,
        "PutItem Users",
        *PUSH,
    },
    "presence": {
        "BatchGetItem Chats",
        "GetItem Chats",
        "BatchGetItem Connections",
        "BatchGetItem Users",
        "PutItem Users",
    },
    "chats": {
        "BatchGetItem Chats",
        "ConditionCheckItem Chats",
        "GetItem Chats",
        "PutItem Chats",
        "Query Chats/index/ByUser",
        "Query Messages",
        "BatchGetItem Users",
        "PutItem Users",
        *TELL,
    },
    "chat_settings": {
        "BatchGetItem Chats",
        "GetItem Chats",
        "UpdateItem Chats",
        "PutItem Messages",
        "Query Messages",
        "BatchGetItem Users",
        "PutItem Users",
        *TELL,
    },
    "members": {
        "BatchGetItem Chats",
        "DeleteItem Chats",
        "GetItem Chats",
        "PutItem Chats",
        "Query Chats",
        "UpdateItem Chats",
        "PutItem Messages",
        "Query Messages",
        "BatchGetItem Users",
        "GetItem Users",
        "PutItem Users",
        *TELL,
    },
    "channels": {"Query Chats/index/ByDirectory", "PutItem Users"},
    "join_chat": {
        "BatchGetItem Chats",
        "GetItem Chats",
        "PutItem Chats",
        "Query Messages",
        "BatchGetItem Users",
        *TELL,
    },
    "leave_chat": {
        "BatchGetItem Chats",
        "DeleteItem Chats",
        "GetItem Chats",
        "PutItem Chats",
        "Query Chats",
        "UpdateItem Chats",
        "PutItem Messages",
        "Query Messages",
        *TELL,
    },
    "messages": {*SEND, "GetItem Chats", "PutItem Users"},
    "reports": {LIMIT, "GetItem Chats", "GetItem Messages", "PutItem Reports", "PutItem Users"},
    "start_purge": {"sqs:SendMessage PurgeQueue"},
    "purge": {
        "s3:DeleteObject uploads/*",
        "s3:DeleteObject media/*",
        "sqs:DeleteMessage PurgeQueue",
        "sqs:GetQueueAttributes PurgeQueue",
        "sqs:ReceiveMessage PurgeQueue",
        "sqs:SendMessage PurgeQueue",
        "Query Chats/index/ByShard",
        "BatchWriteItem Messages",
        "Query Messages",
    },
    "account": {
        LIMIT,
        "sqs:SendMessage DeletionsQueue",
        "sqs:SendMessage ExportsQueue",
        "s3:GetObject exports/*",
        "GetItem Users",
        "PutItem Users",
        "UpdateItem Users",
    },
    "delete_account": {
        "s3:DeleteObject uploads/*",
        "s3:DeleteObject media/*",
        "sqs:DeleteMessage DeletionsQueue",
        "sqs:GetQueueAttributes DeletionsQueue",
        "sqs:ReceiveMessage DeletionsQueue",
        "sqs:SendMessage DeletionsQueue",
        "cognito-idp:AdminDeleteUser UserPool",
        "s3:DeleteObject exports/*",
        "BatchGetItem Chats",
        "DeleteItem Chats",
        "PutItem Chats",
        "Query Chats",
        "UpdateItem Chats",
        "Query Chats/index/ByUser",
        "GetItem Messages",
        "PutItem Messages",
        "Query Messages",
        "GetItem Users",
        "PutItem Users",
        *TELL,
    },
    "make_export": {
        "sqs:DeleteMessage ExportsQueue",
        "sqs:GetQueueAttributes ExportsQueue",
        "sqs:ReceiveMessage ExportsQueue",
        "s3:PutObject exports/*",
        "Query Chats",
        "Query Chats/index/ByUser",
        "Query Messages",
        "GetItem Users",
        "UpdateItem Users",
    },
    "sign_out": {
        "cognito-idp:AdminUserGlobalSignOut UserPool",
        "PutItem Users",
        "UpdateItem Users",
        "UpdateItem Connections",
        "execute-api:ManageConnections DELETE/@connections/*",
    },
    "web_sessions": {
        "cognito-idp:DescribeUserPoolClient UserPool",
        "secretsmanager:GetSecretValue CookieKey",
        "DeleteItem Sessions",
        "GetItem Sessions",
        "PutItem Sessions",
        "UpdateItem Sessions",
        "UpdateItem Limits",
        "GetItem Users",
        "PutItem Users",
        "UpdateItem Users",
        "BatchGetItem Connections",
        "execute-api:ManageConnections DELETE/@connections/*",
    },
    "change_message": CHANGE,
    "message": {*CHANGE, "PutItem Users"},
    "search": {LIMIT, "BatchGetItem Chats", "Query Chats/index/ByUser", "Query Messages", "PutItem Users"},
    "blocks": {
        "DeleteItem Chats",
        "PutItem Chats",
        "Query Chats",
        "BatchGetItem Users",
        "GetItem Users",
        "PutItem Users",
    },
    "users": {
        "s3:GetObject uploads/avatars/*",
        "s3:DeleteObject uploads/avatars/*",
        "s3:GetObject media/avatars/*",
        "s3:PutObject media/avatars/*",
        "s3:DeleteObject media/avatars/*",
        "BatchGetItem Chats",
        "GetItem Users",
        "PutItem Users",
        "UpdateItem Users",
        "Query Users/index/ByUsernamePrefix",
    },
}
"""What each function's adapters call, and so what its role allows, beside its own logs; a queue's too."""


def _functions(templates: dict[str, Template]) -> dict[str, tuple[Template, str, dict[str, Any]]]:
    """Every function by its entry, with its template, logical id and properties."""
    return {
        found["Properties"]["Handler"].removesuffix(".handler"): (template, name, found["Properties"])
        for template in templates.values()
        for name, found in template.of_type("AWS::Lambda::Function").items()
    }


def _statements(template: Template, function: str) -> list[dict[str, Any]]:
    """What a role says in any case; what it says where there are other regions is in test_regions.py."""
    policies = template.resources[f"{function}Role"]["Properties"].get("Policies", [])
    statements = [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
    return [statement for statement in statements if "Fn::If" not in statement]


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _allowed(template: Template, function: str) -> set[str]:
    """What a role allows beside its logs, such as "PutItem Messages"."""
    allowed = set()
    for statement in _statements(template, function):
        assert statement["Effect"] == "Allow"
        if statement["Sid"] == "Logs":
            continue
        for action in _as_list(statement["Action"]):
            for resource in _as_list(statement["Resource"]):
                allowed.add(f"{action.removeprefix('dynamodb:')} {_name(resource)}")
    return allowed


def _name(resource: str | dict[str, str]) -> str:
    """A resource as the tests name it: a queue, a table, an index, files, a parameter, or connections."""
    if isinstance(resource, str):
        return resource
    if "Ref" in resource:
        return resource["Ref"].removesuffix("Arn")
    if "Fn::GetAtt" in resource:
        return str(resource["Fn::GetAtt"][0])
    arn = re.sub(r"\$\{(\w+)Table\}", r"\1", resource["Fn::Sub"])
    for service in ("s3:::${MediaBucket}/", ":parameter"):
        if service in arn:
            return str(arn.split(service)[1])
    if ":s3:::" in arn:
        return arn.partition("}/")[2]
    return arn.split("table/")[1] if "table/" in arn else arn.split("/", 2)[2]


def test_functions_are_the_entries(templates: dict[str, Template]) -> None:
    """Every entry in handlers/ is deployed by exactly one function, and there is no function without one."""
    deployed = [
        found["Properties"]["Handler"]
        for template in templates.values()
        for found in template.of_type("AWS::Lambda::Function").values()
    ]
    assert sorted(deployed) == [f"{entry}.handler" for entry in ENTRIES]
    assert sorted(ALLOWED) == ENTRIES


@pytest.mark.parametrize("entry", ENTRIES)
def test_function_runs_as_the_bundle_is_built(templates: dict[str, Template], entry: str) -> None:
    """What its code is, what it runs on, its limits and its logs are all named."""
    template, name, properties = _functions(templates)[entry]
    assert properties["Code"] == f"lambda/{entry}.zip"
    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == ["arm64"]
    assert properties["Layers"] == [{"Ref": "DependenciesLayer"}]
    assert properties["MemorySize"] == {"Ref": "FunctionMemory"}
    assert properties["Timeout"] in ({"Ref": "FunctionTimeout"}, {"Ref": "WorkerTimeout"})
    assert properties["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
    group = template.resources[properties["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
    assert group["LogGroupName"]["Fn::Sub"] == f"/aws/lambda/{properties['FunctionName']['Fn::Sub']}"
    assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("entry", ENTRIES)
def test_role_allows_exactly_what_the_function_calls(templates: dict[str, Template], entry: str) -> None:
    """One action more would be a hole, one less an outage."""
    template, name, _ = _functions(templates)[entry]
    assert _allowed(template, name) == ALLOWED[entry]


@pytest.mark.parametrize("entry", ENTRIES)
def test_role_writes_only_the_functions_own_logs(templates: dict[str, Template], entry: str) -> None:
    """No function can write into another's log."""
    template, name, _ = _functions(templates)[entry]
    logs = [statement for statement in _statements(template, name) if statement["Sid"] == "Logs"]
    assert [statement["Resource"] for statement in logs] == [{"Fn::GetAtt": [f"{name}Logs", "Arn"]}]
    assert logs[0]["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]


@pytest.mark.parametrize("entry", ENTRIES)
def test_function_is_told_exactly_the_tables_that_it_may_use(
    templates: dict[str, Template], entry: str
) -> None:
    """A table's name in the environment without a right to it, or the other way round, is a mistake."""
    template, name, properties = _functions(templates)[entry]
    told = {
        variable.removesuffix("_TABLE").title()
        for variable in properties["Environment"]["Variables"]
        if variable.endswith("_TABLE")
    }
    allowed = _allowed(template, name)
    tables = {permission for permission in allowed if ":" not in permission.split()[0]}
    assert told == {permission.split()[1].split("/")[0] for permission in tables}
    assert any(name.endswith("_LIMIT") for name in properties["Environment"]["Variables"]) == (
        LIMIT in allowed
    )
    assert ("FAN_OUT_QUEUE_URL" in properties["Environment"]["Variables"]) == (FAN_OUT in allowed)
    assert properties["Environment"]["Variables"]["LOG_LEVEL"] == {"Ref": "LogLevel"}


def test_no_statement_allows_everything(templates: dict[str, Template]) -> None:
    """A wildcard stands for the connections of one stage, or the files or secrets of one folder."""
    for template in templates.values():
        for name in template.of_type("AWS::IAM::Role"):
            for statement in _statements(template, name.removesuffix("Role")):
                assert "*" not in "".join(_as_list(statement["Action"]))
                if statement["Sid"] == "TrustedKeys":  # of which IAM knows no resources: see rules.guard
                    continue
                for resource in _as_list(statement["Resource"]):
                    text = re.sub(r"\}/exports/\*$", "", resource.get("Fn::Sub", ""))
                    text = re.sub(r"/@connections/\*$|\}/(uploads|media|push)(/avatars)?/\*$", "", text)
                    assert "*" not in text, f"{template.name}: {name}"
