"""The stack's own domain: with the parameter all is at it, without it all is where AWS puts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.stack.rendered import RefusedError

if TYPE_CHECKING:
    from tests.stack.rendered import Render
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


SHARED = {"DomainName": "chat.example.com", "HostedZoneId": "Z0123456789ABCDEFGHIJ"}
PEER = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/v1/*/@connections/*"


@pytest.mark.parametrize(
    ("routing", "policy"),
    [
        ("latency", {"Region": "us-east-1"}),
        ("primary", {"Failover": "PRIMARY"}),
        ("secondary", {"Failover": "SECONDARY"}),
    ],
)
def test_routing_makes_records_of_its_policy(render: Render, routing: str, policy: dict[str, str]) -> None:
    """Of both names for both versions of the protocol; the site's are what they are."""
    stack = render(**SHARED, DomainRouting=routing, PeerConnections=PEER)
    records = stack.of_type("AWS::Route53::RecordSet")
    shared = {name: record for name, record in records.items() if not name.startswith("Domains.Site")}
    assert len(shared) == 4
    assert len(records) == 6
    for record in shared.values():
        assert {key: record[key] for key in record.keys() & {"Region", "Failover"}} == policy
        assert (record["SetIdentifier"], record["HealthCheckId"]) == ("us-east-1", "<Health.HealthCheck>")


def test_routing_none_leaves_the_names_to_other_regions(render: Render) -> None:
    """The APIs have the names still, and the site its records."""
    stack = render(**SHARED, DomainRouting="none", PeerConnections=PEER)
    assert set(stack.of_type("AWS::Route53::RecordSet")) == {"Domains.SiteRecord", "Domains.SiteIpv6Record"}
    assert not stack.of_type("AWS::Route53::HealthCheck")
    assert len(stack.of_type("AWS::ApiGatewayV2::DomainName")) == 2


def test_further_region_has_the_names_of_the_apis_and_admits_the_pages_of_the_site(render: Render) -> None:
    """Its own site is where CloudFront puts it, and calls the APIs at the domain."""
    stack = render(**SHARED, ExistingTables="parley", PeerConnections=PEER)
    records = stack.of_type("AWS::Route53::RecordSet")
    assert len(records) == 4
    assert not [name for name in records if name.startswith("Domains.Site")]
    certificate = stack.properties("Certificate.Certificate")
    assert (certificate["DomainName"], certificate["SubjectAlternativeNames"]) == (
        "api.chat.example.com",
        ["ws.chat.example.com"],
    )
    site = stack.properties("Web.Distribution")["DistributionConfig"]
    assert not site.keys() & {"Aliases", "ViewerCertificate"}
    origins = stack.properties("Rest.Api")["CorsConfiguration"]["AllowOrigins"]
    assert origins == [stack.outputs["WebUrl"], "https://chat.example.com"]
    assert stack.outputs["HttpApiUrl"] == "https://<Domains.HttpDomain>/<Rest.Stage>"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"DomainName": "chat.example.com", "DomainRouting": "primary"}, "HostedZoneId"),
        ({"DomainName": "chat.example.com", "DomainRouting": "none"}, "HostedZoneId"),
        ({**SHARED, "DomainRouting": "secondary"}, "PeerConnections"),
        (
            {
                **SHARED,
                "ExistingTables": "parley",
                "SiteCertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/1",
            },
            "SiteCertificateArn",
        ),
    ],
)
def test_routing_that_cannot_work_is_refused_before_anything_is_made(
    render: Render, given: dict[str, str], told: str
) -> None:
    """By a rule that says what to do."""
    with pytest.raises(RefusedError, match=told):
        render(**given)
