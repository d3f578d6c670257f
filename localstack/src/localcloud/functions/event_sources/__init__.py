"""Event source mappings: queues whose messages Lambda hands to functions."""

from localcloud.functions.event_sources.event_sources import EventSources

__all__ = ["EventSources"]
