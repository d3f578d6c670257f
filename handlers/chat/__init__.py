"""Parley's chat: entries, beside this package, call services; services decide by the domain; adapters reach AWS."""
