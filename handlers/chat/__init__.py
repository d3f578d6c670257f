"""Parley's chat: entries (beside this package) call services, these decide by the domain, adapters reach AWS."""
