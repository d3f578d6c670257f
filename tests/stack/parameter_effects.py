"""What each parameter costs, and the tests that show what it changes, as docs/parameters.md says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """Why to believe what a parameter's description says."""

    tests: tuple[str, ...]
    """As pytest names them: the file, two colons, the function."""
    costs: str = ""
    """From which value on, and how much; empty where it costs nothing by itself."""


def _shown_by(*tests: str, costs: str = "") -> Effect:
    return Effect(tests, costs)


LIMITS = "e2e/test_limits.py::"
FIREWALL = "tests/stack/test_firewall_template.py::"
REGIONS = "tests/stack/test_regions.py::"
SIGN_IN = "e2e/test_sign_in.py::"
GRADUAL = "tests/stack/test_gradual_templates.py::"
PIPELINES = "tests/stack/test_pipelines.py::"
BY_PROVIDER = f"{SIGN_IN}test_user_signs_in_with_google_chats_stays_and_signs_out"
POOL = f"{SIGN_IN}test_user_pool_has_what_the_parameters_say"
HALF_A_PROVIDER = "tests/stack/test_federation_template.py::test_root_refuses_half_a_provider"
SECRETS = "tests/stack/test_federation_template.py::test_secrets_of_providers_are_references"
RETAINED = (
    "tests/stack/test_data_template.py::test_durable_tables_survive_mistakes",
    "tests/stack/test_auth_and_web_templates.py::test_user_pool_is_protected_in_production",
    "tests/stack/test_media_template.py::test_bucket_survives_the_stack_in_production",
)
CAPACITY = "tests/localcloud/test_dynamodb_capacity.py::"
PROVISIONED = (
    "tests/stack/test_data_template.py::test_provisioned_tables_are_scaled_in_every_region_and_index"
)
SCALED = f"{CAPACITY}test_auto_scaling_goes_no_further_than_its_bounds"
THROTTLE = "tests/stack/test_api_templates.py::test_stages_throttle_and_log_without_secrets"
TWO_REGIONS = "e2e/test_regions.py::test_users_of_two_regions_are_shown_one_order"

ROOT = {
    "Environment": _shown_by(*RETAINED),
    "ApiGatewayLogRole": _shown_by(
        "e2e/test_cloudwatch.py::test_access_log_tells_each_request_and_no_secret"
    ),
    "PasswordSignIn": _shown_by(
        "tests/stack/test_auth_and_web_templates.py::"
        "test_client_lets_passwords_in_only_where_the_parameter_says_so"
    ),
    "PasswordLength": _shown_by(POOL),
    "Mfa": _shown_by(POOL),
    "ThreatProtection": _shown_by(POOL, costs="from `audit`: Cognito's plan Plus, by the active user"),
    "SignInDomain": _shown_by(BY_PROVIDER, HALF_A_PROVIDER),
    "GoogleClientId": _shown_by(BY_PROVIDER, HALF_A_PROVIDER),
    "GoogleClientSecret": _shown_by(BY_PROVIDER, SECRETS, costs="its secret, $0.40 a month"),
    "OidcName": _shown_by(HALF_A_PROVIDER, costs="its users, at Cognito's price for OIDC federation"),
    "OidcIssuer": _shown_by(HALF_A_PROVIDER),
    "OidcClientId": _shown_by(HALF_A_PROVIDER),
    "OidcClientSecret": _shown_by(SECRETS, costs="its secret, $0.40 a month"),
    "AdditionalOrigins": _shown_by(
        "tests/stack/test_api_templates.py::test_pages_that_connect_are_those_that_call",
        "tests/handlers/test_socket_entries.py::test_page_of_the_site_connects",
    ),
    "RateLimit": _shown_by(THROTTLE),
    "BurstLimit": _shown_by(THROTTLE),
    "ConnectLimit": _shown_by(f"{LIMITS}test_who_connects_too_often_gets_no_ticket_for_a_while"),
    "SendLimit": _shown_by(
        f"{LIMITS}test_who_sends_too_much_waits_as_long_as_told_over_either_api",
        f"{LIMITS}test_changes_of_messages_count_as_messages",
    ),
    "TypingLimit": _shown_by(
        f"{LIMITS}test_who_tells_of_typing_too_often_is_refused_and_the_others_are_spared"
    ),
    "UploadLimit": _shown_by(f"{LIMITS}test_who_uploads_too_often_is_given_no_form_for_a_while"),
    **dict.fromkeys(
        ("SearchLimit", "ReportLimit", "ExportLimit"),
        _shown_by(f"{LIMITS}test_who_searches_reports_or_exports_too_often_is_refused_for_a_while"),
    ),
    "RetentionDays": _shown_by(
        "e2e/test_retention.py::test_old_messages_go_and_the_chat_goes_on",
        "e2e/test_retention.py::test_messages_are_kept_for_ever_where_no_days_are_set",
        costs="from 1: a write for each message that goes, and its storage no more",
    ),
    "WebPush": _shown_by(
        "e2e/test_push.py::test_member_who_is_away_gets_one_notification_a_chat_and_send",
        costs="`enabled`: a queue's and a function's requests by notification",
    ),
    "PushServices": _shown_by(
        "e2e/test_push.py::test_foreign_or_internal_endpoint_is_refused",
        "tests/handlers/test_web_push.py::test_only_push_services_of_the_list_are_trusted",
    ),
    "TableCapacity": _shown_by(
        "tests/stack/test_data_template.py::test_tables_take_what_comes_unless_they_are_provisioned",
        "tests/localcloud/test_ministack_global_tables.py::"
        "test_global_table_changes_between_on_demand_and_provisioned_in_place",
        f"{CAPACITY}test_request_beyond_what_is_provisioned_is_throttled_until_the_next_second",
        costs="`provisioned`: 2 to 3 times less where use is steady, $26 a month where there is none",
    ),
    "MinReadCapacity": _shown_by(PROVISIONED, SCALED, costs="$0.09 a month, table and unit"),
    "MaxReadCapacity": _shown_by(PROVISIONED, SCALED),
    "MinWriteCapacity": _shown_by(PROVISIONED, SCALED, costs="$0.47 a month, table and unit"),
    "MaxWriteCapacity": _shown_by(PROVISIONED, SCALED),
    "EncryptionKey": _shown_by(
        "e2e/test_encryption.py::test_key_encrypts_what_is_made_with_it",
        "tests/stack/test_encryption_template.py::test_key_encrypts_every_table_queue_and_file",
        "tests/stack/test_encryption_template.py::test_key_of_one_region_is_refused_with_replicas",
        costs="`customer`: $1 a month, and its requests",
    ),
    "DomainName": _shown_by(
        "e2e/test_domain.py::test_site_answers_at_its_domain",
        "e2e/test_domain.py::test_http_api_answers_at_its_name",
        "e2e/test_domain.py::test_websocket_opens_at_its_name_and_is_pushed_to",
        costs="the domain's registration",
    ),
    "HostedZoneId": _shown_by(
        "tests/stack/test_domain_templates.py::test_records_lead_to_the_stack_where_a_zone_is_given",
        costs="the zone, $0.50 a month",
    ),
    "SiteCertificateArn": _shown_by(
        "tests/stack/test_domain_templates.py::test_site_answers_at_its_domain_with_its_certificate"
    ),
    "Firewall": _shown_by(
        "e2e/test_firewall.py::test_long_body_is_blocked",
        f"{FIREWALL}test_firewall_stands_in_front_of_both_distributions_where_it_is_on",
        costs="`enabled`: about $10 a month, and $0.60 a million requests",
    ),
    "WebAclArn": _shown_by(f"{FIREWALL}test_firewall_is_made_only_where_none_is_given"),
    "RequestLimit": _shown_by("e2e/test_firewall.py::test_address_with_too_many_requests_is_blocked"),
    "BlockedAddresses": _shown_by(
        "e2e/test_firewall.py::test_listed_address_is_blocked_until_it_is_taken_off"
    ),
    "BlockedIpv6Addresses": _shown_by(f"{FIREWALL}test_rules_of_the_parameters_block"),
    "ReplicaRegions": _shown_by(
        TWO_REGIONS,
        costs="storage and writes of the tables once more for each, and what goes between regions",
    ),
    "HomeRegion": _shown_by("e2e/test_regions.py::test_home_region_that_dies_is_replaced_and_comes_back"),
    "ExistingTables": _shown_by(TWO_REGIONS),
    "ExistingUserPool": _shown_by(TWO_REGIONS),
    "PeerConnections": _shown_by(TWO_REGIONS),
    "LogLevel": _shown_by("tests/handlers/test_metrics.py::test_metrics_are_written_whatever_the_log_level"),
    "LogRetentionDays": _shown_by(
        "tests/stack/test_function_templates.py::test_function_runs_as_the_bundle_is_built",
        f"{FIREWALL}test_log_has_the_blocked_and_no_secret",
        costs="what is kept, $0.03 a GB and month",
    ),
    "TrafficShift": _shown_by(
        f"{GRADUAL}test_functions_that_every_chat_waits_for_have_an_alias",
        f"{GRADUAL}test_root_refuses_half_a_gradual_shift",
    ),
    "Release": _shown_by(
        f"{GRADUAL}test_version_is_made_by_a_release_and_by_each_setting_of_its_function",
        f"{GRADUAL}test_without_a_gradual_shift_nothing_is_said_of_a_release",
    ),
    "Tracing": _shown_by(
        "tests/stack/test_tracing.py::test_tracing_is_turned_on_for_every_function_by_one_parameter",
        costs="`Active`: $5 a million traces after the first 100,000",
    ),
    "Monitoring": _shown_by(
        "e2e/test_alarms.py::test_alarm_turns_with_its_symptom_and_tells_the_topic_until_it_is_gone",
        "tests/stack/test_alarm_templates.py::test_monitoring_is_on_unless_it_is_turned_off",
        costs="`enabled`: about $10 a month",
    ),
    "AlarmEmail": _shown_by(
        "tests/stack/test_alarm_templates.py::test_address_is_written_to_where_there_is_one"
    ),
    "Canary": _shown_by(
        "e2e/test_canary.py::test_canary_signs_two_users_in_and_sees_a_message_delivered",
        "tests/stack/test_canary_template.py::test_canary_runs_by_itself_only_where_it_is_scheduled",
        costs="`scheduled`: about $1 a month",
    ),
    "MonthlyBudget": _shown_by(
        "tests/localcloud/test_ministack_budgets.py::test_budget_is_deployed_changed_and_deleted_with_its_stack"
    ),
}
"""Those of stack/root.yaml."""

NAMES_OF_STACKS = (
    f"{PIPELINES}test_deployer_may_make_every_type_of_the_stack",
    f"{PIPELINES}test_deployer_cannot_widen_itself",
)
GITHUB = (f"{PIPELINES}test_github_gets_a_role_for_the_one_environment_alone",)
PIPELINE = (f"{PIPELINES}test_pipeline_skips_the_stages_of_what_did_not_change",)

ALONE = {
    "certificate": {
        "DomainName": _shown_by(
            "tests/stack/test_domain_templates.py::test_certificate_has_every_name_and_proves_each_in_the_zone"
        ),
        "HostedZoneId": _shown_by(
            "tests/stack/test_domain_templates.py::test_certificate_has_every_name_and_proves_each_in_the_zone"
        ),
    },
    "webacl": {
        "NamePrefix": _shown_by(f"{FIREWALL}test_log_has_the_blocked_and_no_secret"),
        "RequestLimit": ROOT["RequestLimit"],
        "BlockedAddresses": ROOT["BlockedAddresses"],
        "BlockedIpv6Addresses": ROOT["BlockedIpv6Addresses"],
        "BodyLimit": _shown_by("e2e/test_firewall.py::test_long_body_is_blocked"),
        "LogRetentionDays": _shown_by(f"{FIREWALL}test_log_has_the_blocked_and_no_secret"),
    },
    "deployer": {"NamePrefix": Effect(NAMES_OF_STACKS)},
    "github": dict.fromkeys(("Repository", "NamePrefix", "Provider"), Effect(GITHUB)),
    "pipeline": dict.fromkeys(
        ("Connection", "Repository", "Branch", "NamePrefix", "ExecutionRole", "ArtifactsBucket"),
        Effect(PIPELINE),
    ),
}
"""Those of the templates that are deployed by themselves, by the template's name."""
