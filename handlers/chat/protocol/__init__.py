"""The wire, declared once: what clients send, what the service sends, the HTTP API's bodies and queries.

docs/protocol.md is checked against these modules by a test.
"""
