"""MiniStack 1.5.33's faults that localcloud mends, one file each; tests notice when upstream mends one."""

from localcloud.ministack.fixes import (
    api_addresses,
    asynchronous_deliveries,
    cloudfront_viewer_protocol,
    event_source_mapping_checks,
    event_source_mapping_state,
    http_api_cors,
    integration_settings,
    invocation_size,
    metric_queries,
    nested_stack_rollback,
    nested_stack_update,
    stage_settings,
    table_settings,
    user_pool_provider_url,
    user_pool_triggers,
    websocket_resources,
)

ALL = (
    api_addresses.FIX,
    asynchronous_deliveries.FIX,
    cloudfront_viewer_protocol.FIX,
    event_source_mapping_checks.FIX,
    event_source_mapping_state.FIX,
    http_api_cors.FIX,
    integration_settings.FIX,
    invocation_size.FIX,
    metric_queries.FIX,
    nested_stack_rollback.FIX,
    nested_stack_update.FIX,
    stage_settings.FIX,
    table_settings.FIX,
    user_pool_provider_url.FIX,
    user_pool_triggers.FIX,
    websocket_resources.FIX,
)
