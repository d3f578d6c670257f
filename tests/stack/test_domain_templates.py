"""The stack's own domain: with the parameter all is at it, without it all is where AWS puts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    assert given["SiteName"] == {"Ref": "DomainName"}
    named = {"Ref": "SiteCertificateArn"}
    own = {"Fn::GetAtt": ["Certificate", "Outputs.CertificateArn"]}
    chosen = {"Fn::If": ["HasSiteCertificate", named, own]}
    assert given["CertificateArn"] == {"Fn::If": ["HasDomain", chosen, ""]}


def test_pages_may_reach_the_apis_where_they_are(templates: dict[str, Template]) -> None:
    """At the domain these two and no other API; without it those of the region, as no id can be known."""
    headers = templates["web"].resources["SecurityHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    policy = headers["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    lists = [each["Fn::Sub"] for each in policy["Fn::Join"][1] if isinstance(each, dict)]
    (connect,) = [each for each in lists if isinstance(each, list)]
    text, values = connect
    assert text.startswith("connect-src 'self' ${Apis} ")
    condition, at_domain, at_aws = values["Apis"]["Fn::If"]
    assert (condition, at_domain) == ("HasName", {"Fn::Sub": "https://api.${SiteName} wss://ws.${SiteName}"})
    assert all("execute-api" in source for source in at_aws["Fn::Sub"].split())


def test_certificate_has_every_name_and_proves_each_in_the_zone(templates: dict[str, Template]) -> None:
    """Where a zone is given; else whoever deploys makes the records."""
    certificate = templates["certificate"].resources["Certificate"]["Properties"]
    names = [certificate["DomainName"], *certificate["SubjectAlternativeNames"]]
    assert names == [{"Ref": "DomainName"}, {"Fn::Sub": "api.${DomainName}"}, {"Fn::Sub": "ws.${DomainName}"}]
    assert certificate["ValidationMethod"] == "DNS"
    condition, proofs, without = certificate["DomainValidationOptions"]["Fn::If"]
    assert (condition, without) == ("HasHostedZone", NOTHING)
    assert proofs == [{"DomainName": name, "HostedZoneId": {"Ref": "HostedZoneId"}} for name in names]


def test_stages_are_below_the_domain_as_below_the_names_of_aws(templates: dict[str, Template]) -> None:
    """A callback is `https://{domainName}/{stage}/@connections/...`, by which the key is the stage's name."""
    domains = templates["domains"]
    mappings = domains.of_type("AWS::ApiGatewayV2::ApiMapping")
    assert len(mappings) == 2
    for mapping in mappings.values():
        assert mapping["Properties"]["ApiMappingKey"] == mapping["Properties"]["Stage"]
    for name in domains.of_type("AWS::ApiGatewayV2::DomainName").values():
        (settings,) = name["Properties"]["DomainNameConfigurations"]
        assert settings["SecurityPolicy"] == "TLS_1_2"
    assert domains.outputs["WebSocketUrl"]["Value"] == {
        "Fn::Sub": "wss://${WebSocketDomain}/${WebSocketStage}"
    }
    assert domains.outputs["HttpApiUrl"]["Value"] == {"Fn::Sub": "https://${HttpDomain}/${HttpStage}"}


def test_records_lead_to_the_stack_where_a_zone_is_given(templates: dict[str, Template]) -> None:
    """The site's by both versions of the protocol, as its distribution answers by both."""
    records = templates["domains"].of_type("AWS::Route53::RecordSet")
    assert {record["Condition"] for record in records.values()} == {"HasHostedZone"}
    found = [
        (str(record["Properties"]["Name"]["Ref"]), record["Properties"]["Type"])
        for record in records.values()
    ]
    assert sorted(found) == [
        ("DomainName", "A"),
        ("DomainName", "AAAA"),
        ("HttpDomain", "A"),
        ("WebSocketDomain", "A"),
    ]
    for name in ("HttpDomain", "WebSocketDomain"):
        (target,) = [
            record["Properties"]["AliasTarget"]
            for record in records.values()
            if record["Properties"]["Name"] == {"Ref": name}
        ]
        assert target == {
            "DNSName": {"Fn::GetAtt": [name, "RegionalDomainName"]},
            "HostedZoneId": {"Fn::GetAtt": [name, "RegionalHostedZoneId"]},
        }
