"""What the parameters of the templates that are deployed by themselves change in what is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.stack.rendered import rendered_alone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stack.template import Template

CONNECTION = "arn:aws:codeconnections:us-east-1:111122223333:connection/0a1b2c3d"
ROLE = "arn:aws:iam::111122223333:role/parley-deployer-us-east-1"
PIPELINE = {
    "Connection": CONNECTION,
    "Repository": "owner/chat",
    "ExecutionRole": ROLE,
    "ArtifactsBucket": "parley-artifacts",
}


def texts(value: object) -> Iterator[str]:
    """All texts in a value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for member in value:
            yield from texts(member)
    else:
        yield str(value)


def names_of_stacks(value: object, prefix: str) -> list[str]:
    """The ARNs and names in a value that begin with a prefix of stacks."""
    return [text for text in texts(value) if f"{prefix}-" in text]


@pytest.mark.parametrize("name", ["deployer", "github", "pipeline"])
def test_who_deploys_may_deploy_stacks_of_the_prefix_alone(alone: dict[str, Template], name: str) -> None:
    """With another prefix nothing of the first is left."""
    given = {"pipeline": PIPELINE, "github": {"Repository": "owner/chat"}}.get(name, {})
    own = {key: value.replace("parley", "given") for key, value in given.items()}
    stack = rendered_alone(alone[name], NamePrefix="acme", **own)
    assert names_of_stacks(stack.resources, "acme")
    assert not names_of_stacks(stack.resources, "parley")


def test_github_trusts_workflows_of_the_repository(alone: dict[str, Template]) -> None:
    """Of its environments staging and prod, each by a role of its own."""
    stack = rendered_alone(alone["github"], Repository="owner/chat")
    for role, environment in (("StagingRole", "staging"), ("ProdRole", "prod")):
        (trust,) = stack.properties(role)["AssumeRolePolicyDocument"]["Statement"]
        subject = trust["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
        assert subject == f"repo:owner/chat:environment:{environment}"


@pytest.mark.parametrize(("choice", "made"), [("create", 1), ("existing", 0)])
def test_github_provider_is_made_once_an_account(alone: dict[str, Template], choice: str, made: int) -> None:
    """The roles trust it by its name, whoever has made it."""
    stack = rendered_alone(alone["github"], Repository="owner/chat", Provider=choice)
    assert len(stack.of_type("AWS::IAM::OIDCProvider")) == made
    (trust,) = stack.properties("ProdRole")["AssumeRolePolicyDocument"]["Statement"]
    provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    assert trust["Principal"] == {"Federated": provider}


def test_pipeline_takes_its_source_where_the_parameters_say(alone: dict[str, Template]) -> None:
    """By the connection that a person has authorized, of one branch; its role may use no other."""
    stack = rendered_alone(alone["pipeline"], Branch="release", **PIPELINE)
    (source,) = stack.properties("Pipeline")["Stages"][0]["Actions"]
    assert source["Configuration"] == {
        "ConnectionArn": CONNECTION,
        "FullRepositoryId": "owner/chat",
        "BranchName": "release",
    }
    (policy,) = stack.properties("PipelineRole")["Policies"]
    (use,) = [each for each in policy["PolicyDocument"]["Statement"] if each["Sid"] == "Source"]
    assert use["Resource"] == CONNECTION


def test_pipeline_deploys_by_the_role_and_the_bucket_that_are_given(alone: dict[str, Template]) -> None:
    """CloudFormation gets the role, and no other may be passed; uploads and artifacts are in the bucket."""
    stack = rendered_alone(alone["pipeline"], **PIPELINE)
    assert stack.properties("Pipeline")["ArtifactStore"]["Location"] == "parley-artifacts"
    told = {
        each["Name"]: each["Value"]
        for each in stack.properties("Deploy")["Environment"]["EnvironmentVariables"]
    }
    assert told == {"PARLEY_STACKS": "parley", "PARLEY_ROLE": ROLE, "PARLEY_BUCKET": "parley-artifacts"}
    (policy,) = stack.properties("DeployRole")["Policies"]
    (passed,) = [each for each in policy["PolicyDocument"]["Statement"] if each["Action"] == "iam:PassRole"]
    assert passed["Resource"] == ROLE


@pytest.mark.parametrize(("site", "names"), [("enabled", ["", "api.", "ws."]), ("disabled", ["api.", "ws."])])
@pytest.mark.parametrize("zone", ["", "Z0123456789ABCDEFGHIJ"])
def test_certificate_is_for_its_names_and_proven_in_the_zone(
    templates: dict[str, Template], zone: str, site: str, names: list[str]
) -> None:
    """Without a zone, who has the domain makes the records that ACM shows."""
    given = {"DomainName": "chat.example.com", "HostedZoneId": zone, "Site": site}
    certificate = rendered_alone(templates["certificate"], **given).properties("Certificate")
    expected = [f"{name}chat.example.com" for name in names]
    assert [certificate["DomainName"], *certificate["SubjectAlternativeNames"]] == expected
    proofs = [{"DomainName": name, "HostedZoneId": zone} for name in expected]
    assert certificate.get("DomainValidationOptions", []) == (proofs if zone else [])


def test_firewall_alone_follows_its_parameters(templates: dict[str, Template]) -> None:
    """As the one that the root makes does."""
    given = {"NamePrefix": "acme", "RequestLimit": 99, "BodyLimit": 1000, "LogRetentionDays": 90}
    lists = {"BlockedAddresses": "192.0.2.0/24", "BlockedIpv6Addresses": "2001:db8::/32"}
    stack = rendered_alone(templates["webacl"], **given, **lists)
    rules = {rule["Name"]: rule["Statement"] for rule in stack.properties("WebAcl")["Rules"]}
    assert rules["request-limit"]["RateBasedStatement"]["Limit"] == "99"
    assert rules["body-limit"]["SizeConstraintStatement"]["Size"] == "1000"
    assert stack.properties("BlockedIpv4")["Addresses"] == ["192.0.2.0/24"]
    assert stack.properties("BlockedIpv6")["Addresses"] == ["2001:db8::/32"]
    assert stack.properties("Logs") == {"LogGroupName": "aws-waf-logs-acme", "RetentionInDays": "90"}
    key = "arn:aws:kms:us-east-1:111122223333:key/1"
    assert rendered_alone(templates["webacl"], **given, KeyArn=key).properties("Logs")["KmsKeyId"] == key
    assert stack.properties("WebAcl")["Name"] == "acme"
