"""The service's interfaces as documents for machines: OpenAPI of the HTTP API, AsyncAPI of the WebSocket."""
