"""Where a connection is posted to: at its own region's API, by whatever name its client connected."""

from __future__ import annotations

import pytest

from chat.websocket import OK, Caller, Location, lifecycle
from tests.handlers.support.gateway_events import Person, socket_event


@pytest.mark.parametrize(
    ("domain", "scheme", "region", "endpoint"),
    [
        (
            "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "https",
            "us-east-1",
            "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/v1",
        ),
        (
            "ws.chat.example.com",
            "https",
            "eu-west-1",
            "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/v1",
        ),
        (
            "ws.chat.example.com",
            "https",
            "cn-north-1",
            "https://a1b2c3d4e5.execute-api.cn-north-1.amazonaws.com.cn/v1",
        ),
        (
            "127.0.0.1:4566/_aws/execute-api/a1b2c3d4e5",
            "http",
            "eu-west-1",
            "http://127.0.0.1:4566/_aws/execute-api/a1b2c3d4e5/v1",
        ),
    ],
)
def test_connection_is_posted_to_in_its_own_region(
    domain: str, scheme: str, region: str, endpoint: str
) -> None:
    """A domain that regions share leads to the nearest one's API, which would say that it is gone."""
    opened: list[Caller] = []
    handler = lifecycle(opened.append, Location(scheme, region))
    event = socket_event(Person("alice"), "$connect", domain_name=domain)
    assert handler(event, None) == OK
    assert (opened[0].connection.endpoint, opened[0].connection.region) == (endpoint, region)
