"""Distributions in front of an API: the way from CloudFront's origin to this server."""

from __future__ import annotations

import pytest


@pytest.mark.usefixtures("aws")
def test_origin_that_is_an_api_is_reached_at_this_server() -> None:
    """Whatever protocol the distribution is told to use; another origin is left as it is."""
    from ministack.services import cloudfront  # noqa: PLC0415

    from localcloud.ministack.fixes import cloudfront_api_origins  # noqa: PLC0415

    def target(domain: str) -> tuple[str, int, bool]:
        origin = {"domain_name": domain, "protocol_policy": "https-only", "https_port": 443, "http_port": 80}
        found: tuple[str, int, bool] = cloudfront._origin_connect_target(origin, True)  # noqa: SLF001
        return found

    api = "abc123.execute-api.us-east-1.amazonaws.com"
    assert target(api) == ("127.0.0.1", 4566, False)
    assert target("files.example.com") == ("files.example.com", 443, True)
    with cloudfront_api_origins.FIX.undone():
        assert target(api) == (api, 443, True), "upstream has mended it"
