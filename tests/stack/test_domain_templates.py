"""The stack's own domain: with the parameter all is at it, without it all is where AWS puts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.stack.template import Template

NOTHING = {"Ref": "AWS::NoValue"}


def _distribution(templates: dict[str, Template]) -> dict[str, Any]:
    config: dict[str, Any] = templates["web"].resources["Distribution"]["Properties"]["DistributionConfig"]
    return config


def test_domain_is_off_where_no_parameter_names_one(templates: dict[str, Template]) -> None:
    """Neither a certificate nor names are made."""
    root = templates["root"]
    assert root.parameters["DomainName"]["Default"] == ""
    assert root.sections["Conditions"]["HasDomain"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]
    }
    for nested in ("Certificate", "Domains"):
        assert root.resources[nested]["Condition"] == "HasDomain"


def test_outputs_are_addresses_at_the_domain_where_there_is_one(templates: dict[str, Template]) -> None:
    """Clients read the outputs, and so are there at once."""
    outputs = templates["root"].outputs
    for name, nested in (("WebSocketUrl", "Realtime"), ("HttpApiUrl", "Rest")):
        addresses = [{"Fn::GetAtt": [each, f"Outputs.{name}"]} for each in ("Domains", nested)]
        assert outputs[name]["Value"] == {"Fn::If": ["HasDomain", *addresses]}
    addresses_of_site = [
        {"Fn::Sub": f"https://${{{name}}}"} for name in ("SiteName", "Distribution.DomainName")
    ]
    assert templates["web"].outputs["WebUrl"]["Value"] == {"Fn::If": ["HasName", *addresses_of_site]}


def test_site_answers_at_its_domain_with_its_certificate(templates: dict[str, Template]) -> None:
    """By nothing older than TLS 1.2; without a domain by CloudFront's own certificate."""
    config = _distribution(templates)
    assert config["Aliases"] == {"Fn::If": ["HasName", [{"Ref": "SiteName"}], NOTHING]}
    condition, certificate, without = config["ViewerCertificate"]["Fn::If"]
    assert (condition, without) == ("HasName", NOTHING)
    assert certificate == {
        "AcmCertificateArn": {"Ref": "CertificateArn"},
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }
    given = templates["root"].resources["Web"]["Properties"]["Parameters"]
    assert given["SiteName"] == {"Fn::If": ["HasSiteName", {"Ref": "DomainName"}, ""]}
    named = {"Ref": "SiteCertificateArn"}
    own = {"Fn::GetAtt": ["Certificate", "Outputs.CertificateArn"]}
    chosen = {"Fn::If": ["HasSiteCertificate", named, own]}
    assert given["CertificateArn"] == {"Fn::If": ["HasSiteName", chosen, ""]}


def test_pages_may_reach_the_apis_where_they_are(templates: dict[str, Template]) -> None:
    """At the domain these two and no other API; without it those of the region, as no id can be known."""
    headers = templates["web"].resources["SecurityHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    policy = headers["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    lists = [each["Fn::Sub"] for each in policy["Fn::Join"][1] if isinstance(each, dict)]
    (connect,) = [each for each in lists if isinstance(each, list)]
    text, values = connect
    assert text.startswith("connect-src 'self' ${Apis} ")
    condition, at_domain, at_aws = values["Apis"]["Fn::If"]
    assert (condition, at_domain) == (
        "HasApiNames",
        {"Fn::Sub": "https://api.${ApisBelow} wss://ws.${ApisBelow}"},
    )
    assert all("execute-api" in source for source in at_aws["Fn::Sub"].split())
    assert templates["root"].resources["Web"]["Properties"]["Parameters"]["ApisBelow"] == {
        "Ref": "DomainName"
    }


def test_certificate_has_every_name_and_proves_each_in_the_zone(templates: dict[str, Template]) -> None:
    """Where a zone is given; else whoever deploys makes the records."""
    certificate = templates["certificate"].resources["Certificate"]["Properties"]
    apis = [{"Fn::Sub": "api.${DomainName}"}, {"Fn::Sub": "ws.${DomainName}"}]
    names = [{"Ref": "DomainName"}, *apis]
    assert certificate["DomainName"] == {"Fn::If": ["HasSite", names[0], apis[0]]}
    assert certificate["SubjectAlternativeNames"] == {"Fn::If": ["HasSite", names[1:], apis[1:]]}
    assert certificate["ValidationMethod"] == "DNS"
    condition, proofs, without = certificate["DomainValidationOptions"]["Fn::If"]
    assert (condition, without) == ("HasHostedZone", NOTHING)
    of_site, *of_apis = [{"DomainName": name, "HostedZoneId": {"Ref": "HostedZoneId"}} for name in names]
    assert proofs == [{"Fn::If": ["HasSite", of_site, NOTHING]}, *of_apis]


def test_stages_are_below_the_domain_as_below_the_names_of_aws(templates: dict[str, Template]) -> None:
    """A callback is `https://{domainName}/{stage}/@connections/...`, by which the key is the stage's name."""
    domains = templates["domains"]
    mappings = domains.of_type("AWS::ApiGatewayV2::ApiMapping")
    assert len(mappings) == 2
    for mapping in mappings.values():
        assert mapping["Properties"]["ApiMappingKey"] == mapping["Properties"]["Stage"]
    for name in domains.of_type("AWS::ApiGatewayV2::DomainName").values():
        (settings,) = name["Properties"]["DomainNameConfigurations"]
        assert (settings["SecurityPolicy"], settings["IpAddressType"]) == ("TLS_1_2", "dualstack")
    assert domains.outputs["WebSocketUrl"]["Value"] == {
        "Fn::Sub": "wss://${WebSocketDomain}/${WebSocketStage}"
    }
    assert domains.outputs["HttpApiUrl"]["Value"] == {"Fn::Sub": "https://${HttpDomain}/${HttpStage}"}


def _records(templates: dict[str, Template], *names: str) -> list[dict[str, Any]]:
    """The properties of the records of these names, which stand or fall together, and their condition."""
    found = templates["domains"].of_type("AWS::Route53::RecordSet").values()
    return [record for record in found if record["Properties"]["Name"]["Ref"] in names]


def test_records_lead_to_the_stack_by_both_versions_of_the_protocol(templates: dict[str, Template]) -> None:
    """Where a zone is given; those of the site where the stack has it."""
    conditions = templates["domains"].sections["Conditions"]
    zone = {"Condition": "HasHostedZone"}
    for condition, value in (
        ("HasApiRecords", {"Fn::Not": [{"Fn::Equals": [{"Ref": "Routing"}, "none"]}]}),
        ("HasSiteRecords", {"Fn::Not": [{"Fn::Equals": [{"Ref": "SiteDomain"}, ""]}]}),
    ):
        assert conditions[condition] == {"Fn::And": [zone, value]}
    for name, condition in (
        ("DomainName", "HasSiteRecords"),
        ("HttpDomain", "HasApiRecords"),
        ("WebSocketDomain", "HasApiRecords"),
    ):
        records = _records(templates, name)
        assert [record["Properties"]["Type"] for record in records] == ["A", "AAAA"]
        assert {record["Condition"] for record in records} == {condition}


def test_records_of_regions_stand_beside_each_other(templates: dict[str, Template]) -> None:
    """Each by its region's name, and as the parameter says: nearest first, or one before the other."""
    for record in _records(templates, "HttpDomain", "WebSocketDomain"):
        properties = record["Properties"]
        name = properties["Name"]["Ref"]
        assert properties["SetIdentifier"] == {"Ref": "AWS::Region"}
        assert properties["Region"] == {"Fn::If": ["IsNearest", {"Ref": "AWS::Region"}, NOTHING]}
        second = {"Fn::If": ["IsSecondary", "SECONDARY", NOTHING]}
        assert properties["Failover"] == {"Fn::If": ["IsPrimary", "PRIMARY", second]}
        assert properties["HealthCheckId"] == {
            "Fn::If": ["HasHealthCheck", {"Ref": "HealthCheckId"}, NOTHING]
        }
        assert properties["AliasTarget"] == {
            "DNSName": {"Fn::GetAtt": [name, "RegionalDomainName"]},
            "HostedZoneId": {"Fn::GetAtt": [name, "RegionalHostedZoneId"]},
            "EvaluateTargetHealth": True,
        }


def test_further_region_shares_the_names_of_the_apis_alone(templates: dict[str, Template]) -> None:
    """CloudFront takes the site's name once: the stack that made the tables has it."""
    root = templates["root"]
    first = {"Fn::Equals": [{"Ref": "ExistingTables"}, ""]}
    conditions = root.sections["Conditions"]
    assert conditions["HasSiteName"] == {"Fn::And": [{"Condition": "HasDomain"}, first]}
    assert conditions["HasSiteElsewhere"] == {"Fn::And": [{"Condition": "HasDomain"}, {"Fn::Not": [first]}]}
    certificate = root.resources["Certificate"]["Properties"]["Parameters"]
    assert certificate["Site"] == {"Fn::If": ["HasSiteName", "enabled", "disabled"]}
    site = {"Fn::GetAtt": ["Web", "Outputs.DistributionDomain"]}
    domains = root.resources["Domains"]["Properties"]["Parameters"]
    assert domains["SiteDomain"] == {"Fn::If": ["HasSiteName", site, ""]}
    assert domains["Routing"] == {"Ref": "DomainRouting"}


def test_region_is_asked_for_its_health_where_others_can_take_its_place(
    templates: dict[str, Template],
) -> None:
    """At the name that is its own alone; a stack of one region has neither the route nor the check."""
    root = templates["root"]
    asked = [{"Condition": "HasDomain"}, {"Condition": "HasPeers"}]
    refused = [
        {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, value]}]}
        for name, value in (("HostedZoneId", ""), ("DomainRouting", "none"))
    ]
    assert root.sections["Conditions"]["HasHealthCheck"] == {"Fn::And": [*asked, *refused]}
    assert root.resources["Health"]["Condition"] == "HasHealthCheck"
    check = {"Fn::GetAtt": ["Health", "Outputs.HealthCheckId"]}
    domains = root.resources["Domains"]["Properties"]["Parameters"]
    assert domains["HealthCheckId"] == {"Fn::If": ["HasHealthCheck", check, ""]}
    config = templates["health"].resources["HealthCheck"]["Properties"]["HealthCheckConfig"]
    own_name = "${HttpApiId}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
    assert config["FullyQualifiedDomainName"] == {"Fn::Sub": own_name}
    assert (config["Type"], config["ResourcePath"]) == ("HTTPS", {"Fn::Sub": "/${HttpStage}/health"})


@pytest.mark.parametrize(
    ("rule", "where", "wanted"),
    [
        (
            "RoutingIsByRecords",
            {"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainRouting"}, "latency"]}]},
            {"Fn::Not": [{"Fn::Equals": [{"Ref": "HostedZoneId"}, ""]}]},
        ),
        (
            "SecondaryHasAPrimary",
            {"Fn::Equals": [{"Ref": "DomainRouting"}, "secondary"]},
            {"Fn::Not": [{"Fn::Equals": [{"Ref": "PeerConnections"}, ""]}]},
        ),
        (
            "SiteIsOfTheFirstStack",
            {"Fn::Not": [{"Fn::Equals": [{"Ref": "ExistingTables"}, ""]}]},
            {"Fn::Equals": [{"Ref": "SiteCertificateArn"}, ""]},
        ),
    ],
)
def test_routing_that_cannot_work_is_refused_before_anything_is_made(
    templates: dict[str, Template], rule: str, where: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """By a rule that says what to do."""
    found = templates["root"].sections["Rules"][rule]
    (assertion,) = found["Assertions"]
    assert (found["RuleCondition"], assertion["Assert"]) == (where, wanted)
    assert (
        "DomainRouting" in assertion["AssertDescription"]
        or "SiteCertificateArn" in assertion["AssertDescription"]
    )
