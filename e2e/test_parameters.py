"""What is deployed is what the templates say by the parameters that the stack was deployed with.

This holds for whichever parameters: `tests/stack` shows what each changes in the templates, and this that the
deployment has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from e2e.support.partial_stacks import described
from harness import paths
from tests.stack.rendered import rendered
from tests.stack.template import read_template

if TYPE_CHECKING:
    from e2e.support.account import Account
    from tests.stack.rendered import Rendered


@pytest.fixture(scope="module")
def expected(account: Account) -> Rendered:
    """Give the stack as the templates have it by the parameters of the one that is deployed."""
    templates = {path.stem: read_template(path) for path in sorted(paths.STACK.glob("[!.]*.yaml"))}
    parameters = {
        each["ParameterKey"]: each["ParameterValue"]
        for each in described(account, account.stack_name)["Parameters"]
    }
    names = {"stack_name": account.stack_name, "region": account.target.region}
    return rendered(templates, **names, **parameters)


def known(values: dict[str, Any]) -> dict[str, Any]:
    """Those that a template decides by itself: the others are names that the deployment has given."""
    return {name: value for name, value in values.items() if "<" not in str(value)}


def test_functions_are_deployed_with_the_settings_of_the_parameters(
    account: Account, expected: Rendered
) -> None:
    """Variables such as levels and limits, traces, memory and time."""
    pages = account.functions.get_paginator("list_functions").paginate()
    deployed = {each["FunctionName"]: each for page in pages for each in page["Functions"]}
    functions = expected.of_type("AWS::Lambda::Function")
    assert len(functions) > 30
    for logical_id, properties in functions.items():
        function: Any = deployed[properties["FunctionName"]]
        variables = known(properties["Environment"]["Variables"])
        assert "LOG_LEVEL" in variables
        assert variables.items() <= function["Environment"]["Variables"].items(), logical_id
        assert function["TracingConfig"] == properties["TracingConfig"], logical_id
        assert function["MemorySize"] == int(properties["MemorySize"]), logical_id
        assert function["Timeout"] == int(properties["Timeout"]), logical_id


def test_logs_are_kept_as_long_as_the_parameter_says(account: Account, expected: Rendered) -> None:
    """Each log group of the stack, and so each function's and each API's."""
    pages = account.logs.get_paginator("describe_log_groups").paginate()
    kept = {each["logGroupName"]: each.get("retentionInDays") for page in pages for each in page["logGroups"]}
    groups = expected.of_type("AWS::Logs::LogGroup")
    assert len(groups) > 30
    for properties in groups.values():
        assert kept[properties["LogGroupName"]] == int(properties["RetentionInDays"])


def test_apis_are_throttled_as_the_parameters_say(account: Account, expected: Rendered) -> None:
    """The stage of each."""
    gateway = account.target.session().client("apigatewayv2", endpoint_url=account.target.endpoint_url)
    apis = {each["Name"]: each["ApiId"] for each in gateway.get_apis(MaxResults="500")["Items"]}
    for name, properties in expected.of_type("AWS::ApiGatewayV2::Stage").items():
        api = expected.properties(f"{name.partition('.')[0]}.Api")
        stage = gateway.get_stage(ApiId=apis[api["Name"]], StageName=properties["StageName"])
        settings: Any = stage["DefaultRouteSettings"]
        for limit in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
            assert settings[limit] == float(properties["DefaultRouteSettings"][limit]), name


def test_user_pool_and_its_client_are_as_the_parameters_say(account: Account, expected: Rendered) -> None:
    """Length of passwords, second factor, and how clients may sign in."""
    users = {"UserPoolId": account.outputs.user_pool_id}
    pool: Any = account.cognito.describe_user_pool(**users)["UserPool"]
    properties = expected.properties("Auth.UserPool")
    policy = properties["Policies"]["PasswordPolicy"]
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == int(policy["MinimumLength"])
    assert pool["MfaConfiguration"] == properties["MfaConfiguration"]
    client: Any = account.cognito.describe_user_pool_client(
        **users, ClientId=account.outputs.user_pool_client_id
    )["UserPoolClient"]
    flows = expected.properties("Auth.UserPoolClient")["ExplicitAuthFlows"]
    assert set(client["ExplicitAuthFlows"]) == set(flows)
