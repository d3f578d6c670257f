"""Regions: which tables the functions of each use, and which connections they post to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.stack.rendered import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stack.rendered import Render
    from tests.stack.template import Template

PEERS = {
    "Sid": "PeerConnections",
    "Effect": "Allow",
    "Action": "execute-api:ManageConnections",
    "Resource": {"Ref": "PeerConnections"},
}
PEER_FILES = "files-eu.s3.eu-west-1.amazonaws.com@d111111abcdef8.cloudfront.net"
PEER = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/v1/*/@connections/*"


def statements(template: Template) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The statements of each role of a template, by its logical id."""
    for name, role in template.of_type("AWS::IAM::Role").items():
        policies = role["Properties"].get("Policies", [])
        yield name, [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def strings(value: object) -> Iterator[str]:
    """All strings in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def test_functions_with_tables_are_told_the_region_of_them(templates: dict[str, Template]) -> None:
    """All tables are those of one region, the same for every function of every region."""
    for template in templates.values():
        for name, function in template.of_type("AWS::Lambda::Function").items():
            told = function["Properties"].get("Environment", {}).get("Variables", {})
            has_tables = any(variable.endswith("_TABLE") for variable in told)
            assert has_tables == ("HOME_REGION" in told), f"{template.name}: {name}"
            assert told.get("HOME_REGION", {"Ref": "HomeRegion"}) == {"Ref": "HomeRegion"}


def test_roles_reach_the_tables_of_the_home_region_alone(templates: dict[str, Template]) -> None:
    """A function that was told of another region is refused there: it would write beside the others."""
    for template in templates.values():
        for name, found in statements(template):
            tables = [arn for arn in strings(found) if ":table/" in arn]
            assert all(":dynamodb:${HomeRegion}:" in arn for arn in tables), f"{template.name}: {name}"


def test_roles_that_post_to_connections_post_to_those_of_other_regions(
    templates: dict[str, Template],
) -> None:
    """Where there are other regions, and then to the APIs that are named: to no other of the account."""
    for template in templates.values():
        for name, found in statements(template):
            posts = any("@connections" in text for text in strings(found))
            conditional = [statement["Fn::If"] for statement in found if "Fn::If" in statement]
            expected = [["HasPeers", PEERS, {"Ref": "AWS::NoValue"}]] if posts else []
            assert [each for each in conditional if each[0] == "HasPeers"] == expected, (
                f"{template.name}: {name}"
            )


def test_root_tells_every_template_the_same_home_region(templates: dict[str, Template]) -> None:
    """Its own until a parameter names another."""
    for nested in templates["root"].of_type("AWS::CloudFormation::Stack").values():
        given = nested["Properties"]["Parameters"]
        if "HomeRegion" in given:
            assert given["HomeRegion"] == {
                "Fn::If": ["HasHomeRegion", {"Ref": "HomeRegion"}, {"Ref": "AWS::Region"}]
            }
        if "PeerConnections" in given:
            assert given["PeerConnections"] == {"Ref": "PeerConnections"}


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("ReplicaRegions", ["", "eu-west-1", "eu-west-1,ap-southeast-2"], ["eu-west", "eu-west-1,", "a,b"]),
        ("HomeRegion", ["", "us-gov-east-1"], ["everywhere", "eu-west-1,eu-west-2"]),
        ("ExistingTables", ["", "parley"], ["1st", "par ley"]),
        ("ExistingUserPool", ["", "us-east-1_AbC/1example"], ["us-east-1_AbC", "AbC/1example"]),
        (
            "PeerFiles",
            ["", PEER_FILES, f"{PEER_FILES},{PEER_FILES}"],
            ["files-eu", f"{PEER_FILES},", "files-eu@d1.cloudfront.net", PEER_FILES.partition("@")[0]],
        ),
        ("PeerConnections", ["", PEER, f"{PEER},{PEER}"], ["*", f"{PEER},", PEER.replace("/v1/*", "/*")]),
    ],
)
def test_parameters_of_regions_take_what_can_work(
    templates: dict[str, Template], name: str, good: list[str], bad: list[str]
) -> None:
    """Empty is a stack of one region, which they are by default."""
    declared = templates["root"].parameters[name]
    assert declared["Default"] == ""
    assert all(re.search(declared["AllowedPattern"], value) for value in good)
    assert not any(re.search(declared["AllowedPattern"], value) for value in bad)


TABLES = {"Chats", "Connections", "Limits", "Messages", "Reports", "Tickets", "Users"}


def test_every_table_is_replicated_to_the_regions_that_are_named(render: Render) -> None:
    """Up to two, beside the stack's own; those that last are as protected there as here."""
    stack = render(ReplicaRegions="eu-west-1,eu-central-1")
    for table in TABLES:
        replicas = stack.properties(f"Data.{table}")["Replicas"]
        assert [each["Region"] for each in replicas] == ["us-east-1", "eu-west-1", "eu-central-1"]
    one = render(ReplicaRegions="eu-west-1").properties("Data.Chats")["Replicas"]
    assert [each["Region"] for each in one] == ["us-east-1", "eu-west-1"]
    for replica in stack.properties("Data.Messages")["Replicas"]:
        assert replica["DeletionProtectionEnabled"] is True
        assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    with pytest.raises(RefusedError, match="key of this region"):
        render(ReplicaRegions="eu-west-1", EncryptionKey="customer")


def test_functions_use_the_tables_of_the_home_region_and_may_use_no_other(render: Render) -> None:
    """A parameter names it; its absence is the stack's own region."""
    for stack, home in ((render(), "us-east-1"), (render(HomeRegion="eu-west-1"), "eu-west-1")):
        functions = stack.of_type("AWS::Lambda::Function").values()
        variables = [each.get("Environment", {}).get("Variables", {}) for each in functions]
        assert {each["HOME_REGION"] for each in variables if "HOME_REGION" in each} == {home}
        arns = {arn for role in stack.of_type("AWS::IAM::Role").values() for arn in strings(role)}
        regions = {arn.split(":")[3] for arn in arns if ":table/<Data." in arn}
        assert regions == {home}


def test_tables_of_another_stack_are_used_and_none_is_made(render: Render) -> None:
    """They have the names that the other stack has given them."""
    stack = render(ExistingTables="parley-eu")
    assert not stack.of_type("AWS::DynamoDB::GlobalTable")
    named = {
        value
        for function in stack.of_type("AWS::Lambda::Function").values()
        for name, value in function.get("Environment", {}).get("Variables", {}).items()
        if name.endswith("_TABLE")
    }
    assert named == {f"parley-eu-{table.lower()}" for table in TABLES}


def test_users_of_another_pool_sign_in_and_none_is_made(render: Render) -> None:
    """Tokens are believed that its client got; its functions may end sign-ins and accounts there."""
    pool, client = "eu-west-1_AbCdEfGhI", "1example23456789"
    stack = render(ExistingUserPool=f"{pool}/{client}")
    assert not stack.of_type("AWS::Cognito::UserPool")
    assert stack.properties("Rest.TokenAuthorizer")["JwtConfiguration"] == {
        "Issuer": f"https://cognito-idp.eu-west-1.amazonaws.com/{pool}",
        "Audience": [client],
    }
    assert (stack.outputs["UserPoolId"], stack.outputs["UserPoolClientId"]) == (pool, client)
    for function in ("Accounts.DeleteAccount", "People.SignOut"):
        assert stack.properties(function)["Environment"]["Variables"]["USER_POOL_ID"] == pool
        arns = set(strings(stack.properties(f"{function}Role")))
        assert f"arn:aws:cognito-idp:eu-west-1:111122223333:userpool/{pool}" in arns
    headers = stack.properties("Web.SecurityHeaders")["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    policy = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert "https://cognito-idp.eu-west-1.amazonaws.com" in policy.split()
    with pytest.raises(RefusedError, match="SignInDomain"):
        render(ExistingUserPool=f"{pool}/{client}", SignInDomain="parley-test")


def test_functions_that_post_may_post_to_the_connections_of_peers(render: Render) -> None:
    """To those of the APIs that are named, as to those of the stack's own; nobody else may post."""
    own, peer = "<Realtime.Api>", "a1b2c3d4e5"
    stack = render(PeerConnections=PEER)
    posting = {}
    for name, role in stack.of_type("AWS::IAM::Role").items():
        arns = [arn for arn in strings(role) if arn.endswith("/@connections/*")]
        posting[name] = {found for found in (own, peer) if any(found in arn for arn in arns)}
    assert {frozenset(found) for found in posting.values()} == {frozenset(), frozenset((own, peer))}
    assert posting["Realtime.SendMessageRole"] == {own, peer}
    assert not [
        arn for role in render().of_type("AWS::IAM::Role").values() for arn in strings(role) if peer in arn
    ]


def test_files_are_replicated_to_those_of_peers_and_shown_from_there(render: Render) -> None:
    """What is attached goes to each, and its deletion; what is only uploaded, to none."""
    third = "files-ap.s3.ap-southeast-2.amazonaws.com@d222222abcdef8.cloudfront.net"
    stack = render(PeerFiles=f"{PEER_FILES},{third}")
    replication = stack.properties("Data.MediaBucket")["ReplicationConfiguration"]
    assert replication["Role"] == "<Data.ReplicationRole.Arn>"
    targets = [f"arn:aws:s3:::{name}" for name in ("files-eu", "files-ap")]
    assert [rule["Destination"]["Bucket"] for rule in replication["Rules"]] == targets
    for rule in replication["Rules"]:
        assert (rule["Status"], rule["Filter"]) == ("Enabled", {"Prefix": "media/"})
        assert rule["DeleteMarkerReplication"] == {"Status": "Enabled"}
    *_, replicas = stack.properties("Data.ReplicationPolicy")["PolicyDocument"]["Statement"]
    assert replicas["Resource"] == [f"{target}/media/*" for target in targets]
    policy = stack.properties("Web.SecurityHeaders")["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    sources = policy["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    for directive in ("connect-src", "img-src", "media-src"):
        named = set(sources.split(directive)[1].split(";")[0].split())
        assert {f"https://{host}" for each in (PEER_FILES, third) for host in each.split("@")} <= named
    with pytest.raises(RefusedError, match="EncryptionKey"):
        render(PeerFiles=PEER_FILES, EncryptionKey="customer")


def test_files_of_one_region_are_replicated_to_nobody(render: Render) -> None:
    """And one peer is one rule."""
    assert "ReplicationConfiguration" not in render().properties("Data.MediaBucket")
    assert not [name for name in render().resources if "Replication" in name]
    (rule,) = render(PeerFiles=PEER_FILES).properties("Data.MediaBucket")["ReplicationConfiguration"]["Rules"]
    assert rule["Destination"] == {"Bucket": "arn:aws:s3:::files-eu"}
