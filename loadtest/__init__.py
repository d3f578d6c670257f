"""Measures a running stack as its users feel it."""
