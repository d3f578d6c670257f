"""The data planes of API Gateway: WebSocket APIs, HTTP APIs, and the @connections management API."""

from localcloud.apis.gateway import Gateway

__all__ = ["Gateway"]
