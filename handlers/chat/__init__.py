"""Parley's chat: entries call services, services decide by the domain, adapters reach AWS."""
