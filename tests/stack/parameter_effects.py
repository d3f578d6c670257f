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
DEPLOYED = "e2e/test_parameters.py::"
WHOLE = "tests/stack/test_parameter_effects.py::"
ACCESS = "tests/stack/test_parameter_effects_on_access.py::"
SIGN_IN = "e2e/test_sign_in.py::"
GRADUAL = "tests/stack/test_gradual_templates.py::"
PIPELINES = "tests/stack/test_pipelines.py::"
BY_PROVIDER = f"{SIGN_IN}test_user_signs_in_with_google_chats_stays_and_signs_out"
BY_AUTHENTICATOR = f"{SIGN_IN}test_user_sets_an_authenticator_app_up_signs_in_by_its_code_and_gives_it_up"
POOL = f"{SIGN_IN}test_user_pool_has_what_the_parameters_say"
POOL_SETTINGS = f"{ACCESS}test_user_pool_and_its_client_follow_their_parameters"
HALF_A_PROVIDER = f"{ACCESS}test_provider_that_lacks_a_parameter_is_refused"
GOOGLE = f"{ACCESS}test_google_is_a_provider_by_its_two_parameters"
BY_OTHER_PROVIDER = "tests/localcloud/test_ministack_sign_in.py::test_user_of_an_identity_provider_signs_in"
WORKPLACE = f"{ACCESS}test_any_provider_is_one_by_its_four_parameters"
USER_LIMIT = f"{WHOLE}test_limit_of_a_user_reaches_the_functions_that_hold_it"
FIREWALL_RULE = f"{ACCESS}test_rule_of_the_firewall_takes_what_its_parameter_says"
CAPACITY = "tests/localcloud/test_dynamodb_capacity.py::"
PROVISIONED = (
    "tests/stack/test_data_template.py::test_provisioned_tables_are_scaled_in_every_region_and_index"
)
SCALED = f"{CAPACITY}test_auto_scaling_goes_no_further_than_its_bounds"
SOCKET_MESSAGES = "tests/localcloud/apis/test_apis_websocket_messages.py::"
THROTTLE = (
    f"{DEPLOYED}test_apis_are_throttled_as_the_parameters_say",
    f"{WHOLE}test_throttle_is_that_of_every_stage",
    "tests/localcloud/apis/test_apis_http.py::test_request_over_the_stages_or_routes_throttle_is_429",
    f"{SOCKET_MESSAGES}test_message_beyond_its_routes_throttle_is_too_many_requests",
)
TWO_REGIONS = "e2e/test_regions.py::test_users_of_two_regions_are_shown_one_order"

ROOT = {
    "Environment": _shown_by(f"{WHOLE}test_data_outlives_the_stack_in_prod_alone"),
    "ApiGatewayLogRole": _shown_by(
        f"{WHOLE}test_role_by_which_api_gateway_logs_is_made_once_an_account",
        "e2e/test_cloudwatch.py::test_access_log_tells_each_request_and_no_secret",
    ),
    "PasswordSignIn": _shown_by(
        "tests/localcloud/test_ministack_user_pools.py::"
        "test_password_itself_signs_in_only_where_the_client_lets_it",
        POOL_SETTINGS,
        f"{DEPLOYED}test_user_pool_and_its_client_are_as_the_parameters_say",
    ),
    "PasswordLength": _shown_by(POOL, POOL_SETTINGS, BY_AUTHENTICATOR),
    "Mfa": _shown_by(POOL, POOL_SETTINGS, BY_AUTHENTICATOR),
    "ThreatProtection": _shown_by(
        POOL, POOL_SETTINGS, costs="from `audit`: Cognito's plan Plus, by the active user"
    ),
    "SignInDomain": _shown_by(
        BY_PROVIDER, f"{ACCESS}test_sign_in_domain_brings_hosted_sign_in_and_sessions", HALF_A_PROVIDER
    ),
    "GoogleClientId": _shown_by(BY_PROVIDER, GOOGLE),
    "GoogleClientSecret": _shown_by(BY_PROVIDER, GOOGLE, HALF_A_PROVIDER, costs="its secret, $0.40 a month"),
    "OidcName": _shown_by(
        BY_OTHER_PROVIDER, WORKPLACE, costs="its users, at Cognito's price for OIDC federation"
    ),
    "OidcIssuer": _shown_by(BY_OTHER_PROVIDER, WORKPLACE, HALF_A_PROVIDER),
    "OidcClientId": _shown_by(BY_OTHER_PROVIDER, WORKPLACE, HALF_A_PROVIDER),
    "OidcClientSecret": _shown_by(
        BY_OTHER_PROVIDER, WORKPLACE, HALF_A_PROVIDER, costs="its secret, $0.40 a month"
    ),
    "AdditionalOrigins": _shown_by(
        f"{ACCESS}test_pages_of_additional_origins_may_call_both_apis",
        "tests/handlers/test_socket_entries.py::test_page_of_the_site_connects",
        "e2e/test_http_api.py::test_preflight_from_elsewhere_allows_nothing",
    ),
    "RateLimit": Effect(THROTTLE),
    "BurstLimit": Effect(THROTTLE),
    "ConnectLimit": _shown_by(f"{LIMITS}test_who_connects_too_often_gets_no_ticket_for_a_while", USER_LIMIT),
    "SendLimit": _shown_by(
        f"{LIMITS}test_who_sends_too_much_waits_as_long_as_told_over_either_api",
        f"{LIMITS}test_changes_of_messages_count_as_messages",
        USER_LIMIT,
    ),
    "TypingLimit": _shown_by(
        f"{LIMITS}test_who_tells_of_typing_too_often_is_refused_and_the_others_are_spared", USER_LIMIT
    ),
    "UploadLimit": _shown_by(f"{LIMITS}test_who_uploads_too_often_is_given_no_form_for_a_while", USER_LIMIT),
    **dict.fromkeys(
        ("SearchLimit", "ReportLimit", "ExportLimit"),
        _shown_by(
            f"{LIMITS}test_who_searches_reports_or_exports_too_often_is_refused_for_a_while", USER_LIMIT
        ),
    ),
    "RetentionDays": _shown_by(
        "e2e/test_retention.py::test_old_messages_go_and_the_chat_goes_on",
        "e2e/test_retention.py::test_messages_are_kept_for_ever_where_no_days_are_set",
        f"{WHOLE}test_messages_are_purged_daily_where_days_are_set",
        costs="from 1: a write for each message that goes, and its storage no more",
    ),
    "WebPush": _shown_by(
        "e2e/test_push.py::test_member_who_is_away_gets_one_notification_a_chat_and_send",
        f"{WHOLE}test_web_push_makes_what_notifies_and_tells_who_sends",
        costs="`enabled`: a queue's and a function's requests by notification",
    ),
    "PushServices": _shown_by(
        "e2e/test_push.py::test_foreign_or_internal_endpoint_is_refused",
        "tests/handlers/test_web_push.py::test_only_push_services_of_the_list_are_trusted",
        f"{WHOLE}test_push_services_are_told_to_who_calls_and_to_who_subscribes",
    ),
    "TableCapacity": _shown_by(
        "tests/stack/test_data_template.py::test_tables_take_what_comes_unless_they_are_provisioned",
        "tests/localcloud/test_ministack_global_tables.py::"
        "test_global_table_changes_between_on_demand_and_provisioned_in_place",
        f"{CAPACITY}test_request_beyond_what_is_provisioned_is_throttled_until_the_next_second",
        costs="`provisioned`: half of it where use is steady, $25 a month where there is none",
    ),
    "MinReadCapacity": _shown_by(PROVISIONED, SCALED, costs="$0.09 a month, table and unit"),
    "MaxReadCapacity": _shown_by(PROVISIONED, SCALED),
    "MinWriteCapacity": _shown_by(PROVISIONED, SCALED, costs="$0.47 a month, table and unit"),
    "MaxWriteCapacity": _shown_by(PROVISIONED, SCALED),
    "EncryptionKey": _shown_by(
        "e2e/test_encryption.py::test_key_encrypts_what_is_made_with_it",
        "tests/stack/test_encryption_template.py::test_key_encrypts_all_that_the_stack_keeps",
        "tests/stack/test_encryption_template.py::test_key_of_one_region_is_refused_with_replicas",
        costs="`customer`: $1 a month, and its requests",
    ),
    "SecretRotationDays": _shown_by(
        "tests/stack/test_secret_templates.py::test_own_secrets_are_replaced_every_so_many_days",
        "tests/localcloud/test_ministack_secrets.py::"
        "test_secret_is_replaced_when_its_time_has_come_and_not_before",
        "e2e/test_sign_in.py::test_replaced_keys_end_neither_a_session_nor_a_link_until_the_next_time",
        costs="its two secrets, $0.40 a month each",
    ),
    "DomainName": _shown_by(
        "e2e/test_domain.py::test_site_answers_at_its_domain",
        "e2e/test_domain.py::test_http_api_answers_at_its_name",
        "e2e/test_domain.py::test_websocket_opens_at_its_name_and_is_pushed_to",
        f"{ACCESS}test_domain_is_where_the_site_and_both_apis_are",
        costs="the domain's registration",
    ),
    "HostedZoneId": _shown_by(
        f"{ACCESS}test_zone_gets_the_records_and_the_certificates_proof",
        costs="the zone, $0.50 a month",
    ),
    "DomainRouting": _shown_by(
        "e2e/test_regions.py::test_users_of_one_name_go_on_in_another_region_when_theirs_dies",
        "tests/stack/test_domain_templates.py::test_routing_makes_records_of_its_policy",
        "tests/stack/test_domain_templates.py::test_routing_none_leaves_the_names_to_other_regions",
        "tests/stack/test_domain_templates.py::test_region_is_asked_for_its_health_where_others_can_take_its_place",
        costs="with `PeerConnections`, about $4 a month and region for the health check and what it asks",
    ),
    "SiteCertificateArn": _shown_by(f"{ACCESS}test_certificate_of_us_east_1_is_the_sites_where_one_is_given"),
    "Firewall": _shown_by(
        "e2e/test_firewall.py::test_long_body_is_blocked",
        f"{ACCESS}test_firewall_stands_before_both_distributions_where_it_is_on",
        costs="`enabled`: about $10 a month, and $0.60 a million requests",
    ),
    "WebAclArn": _shown_by(f"{ACCESS}test_firewall_stands_before_both_distributions_where_it_is_on"),
    "RequestLimit": _shown_by(
        "e2e/test_firewall.py::test_address_with_too_many_requests_is_blocked", FIREWALL_RULE
    ),
    "BlockedAddresses": _shown_by(
        "e2e/test_firewall.py::test_listed_address_is_blocked_until_it_is_taken_off", FIREWALL_RULE
    ),
    "BlockedIpv6Addresses": _shown_by(f"{FIREWALL}test_rules_of_the_parameters_block", FIREWALL_RULE),
    "ReplicaRegions": _shown_by(
        TWO_REGIONS,
        f"{REGIONS}test_every_table_is_replicated_to_the_regions_that_are_named",
        costs="storage and writes of the tables once more for each, and what goes between regions",
    ),
    "HomeRegion": _shown_by(
        "e2e/test_regions.py::test_home_region_that_dies_is_replaced_and_comes_back",
        f"{REGIONS}test_functions_use_the_tables_of_the_home_region_and_may_use_no_other",
    ),
    "ExistingTables": _shown_by(
        TWO_REGIONS, f"{REGIONS}test_tables_of_another_stack_are_used_and_none_is_made"
    ),
    "ExistingUserPool": _shown_by(
        TWO_REGIONS, f"{REGIONS}test_users_of_another_pool_sign_in_and_none_is_made"
    ),
    "PeerConnections": _shown_by(
        TWO_REGIONS, f"{REGIONS}test_functions_that_post_may_post_to_the_connections_of_peers"
    ),
    "PeerFiles": _shown_by(
        TWO_REGIONS,
        f"{REGIONS}test_files_are_replicated_to_those_of_peers_and_shown_from_there",
        costs="storage and uploads of files once more for each, and what goes between regions",
    ),
    "LogLevel": _shown_by(
        f"{WHOLE}test_log_level_is_that_of_every_function",
        f"{DEPLOYED}test_functions_are_deployed_with_the_settings_of_the_parameters",
        "tests/handlers/test_metrics.py::test_metrics_are_written_whatever_the_log_level",
    ),
    "LogRetentionDays": _shown_by(
        f"{WHOLE}test_logs_of_every_kind_are_kept_as_long_as_the_parameter_says",
        f"{DEPLOYED}test_logs_are_kept_as_long_as_the_parameter_says",
        f"{WHOLE}test_every_function_has_a_log_that_ends",
        costs="what is kept, $0.03 a GB and month",
    ),
    "TrafficShift": _shown_by(
        "e2e/robustness/test_gradual_deployment.py::test_faulty_version_is_taken_back_by_its_alarm_under_traffic",
        f"{GRADUAL}test_functions_that_every_chat_waits_for_have_an_alias",
        f"{GRADUAL}test_root_refuses_half_a_gradual_shift",
    ),
    "Release": _shown_by(
        f"{GRADUAL}test_version_is_made_by_a_release_and_by_each_setting_of_its_function",
        f"{GRADUAL}test_without_a_gradual_shift_nothing_is_said_of_a_release",
    ),
    "Tracing": _shown_by(
        f"{WHOLE}test_traces_are_sent_by_every_function_and_by_its_right_to",
        f"{DEPLOYED}test_functions_are_deployed_with_the_settings_of_the_parameters",
        costs="`Active`: $5 a million traces after the first 100,000",
    ),
    "Monitoring": _shown_by(
        "e2e/test_alarms.py::test_alarm_turns_with_its_symptom_and_tells_the_topic_until_it_is_gone",
        f"{WHOLE}test_alarms_dashboard_and_topic_go_with_monitoring",
        costs="`enabled`: about $10 a month",
    ),
    "AlarmEmail": _shown_by(f"{WHOLE}test_alarms_write_to_the_address"),
    "Canary": _shown_by(
        "e2e/test_canary.py::test_canary_signs_two_users_in_and_sees_a_message_delivered",
        f"{WHOLE}test_canary_runs_and_alarms_as_its_parameter_says",
        costs="`scheduled`: about $1 a month",
    ),
    "MonthlyBudget": _shown_by(
        f"{WHOLE}test_budget_is_what_the_parameter_says_and_writes_to_the_address",
        "tests/localcloud/test_ministack_budgets.py::test_budget_is_deployed_changed_and_deleted_with_its_stack",
    ),
}
"""Those of stack/root.yaml."""

BY_ITSELF = "tests/stack/test_parameter_effects_alone.py::"
CERTIFICATE = _shown_by(f"{BY_ITSELF}test_certificate_is_for_its_names_and_proven_in_the_zone")
FIREWALL_ALONE = f"{BY_ITSELF}test_firewall_alone_follows_its_parameters"
STACKS_OF_PREFIX = f"{BY_ITSELF}test_who_deploys_may_deploy_stacks_of_the_prefix_alone"
SOURCE = _shown_by(f"{BY_ITSELF}test_pipeline_takes_its_source_where_the_parameters_say")
GIVEN = _shown_by(f"{BY_ITSELF}test_pipeline_deploys_by_the_role_and_the_bucket_that_are_given")

ALONE = {
    "certificate": dict.fromkeys(("DomainName", "HostedZoneId", "Site"), CERTIFICATE),
    "webacl": {
        **dict.fromkeys(
            ("NamePrefix", "RequestLimit", "BlockedAddresses", "BlockedIpv6Addresses", "LogRetentionDays"),
            _shown_by(FIREWALL_ALONE),
        ),
        "KeyArn": _shown_by(FIREWALL_ALONE),
        "BodyLimit": _shown_by("e2e/test_firewall.py::test_long_body_is_blocked", FIREWALL_ALONE),
    },
    "deployer": {
        "NamePrefix": _shown_by(STACKS_OF_PREFIX, f"{PIPELINES}test_deployer_cannot_widen_itself"),
    },
    "github": {
        "Repository": _shown_by(f"{BY_ITSELF}test_github_trusts_workflows_of_the_repository"),
        "NamePrefix": _shown_by(
            STACKS_OF_PREFIX, f"{PIPELINES}test_github_gets_a_role_for_the_one_environment_alone"
        ),
        "Provider": _shown_by(f"{BY_ITSELF}test_github_provider_is_made_once_an_account"),
    },
    "pipeline": {
        **dict.fromkeys(("Connection", "Repository", "Branch"), SOURCE),
        "NamePrefix": _shown_by(STACKS_OF_PREFIX),
        **dict.fromkeys(("ExecutionRole", "ArtifactsBucket"), GIVEN),
    },
}
"""Those of the templates that are deployed by themselves, by the template's name."""
