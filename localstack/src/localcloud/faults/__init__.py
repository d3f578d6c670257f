"""Faults on purpose: rules say what goes wrong where, how often and how long; they live in memory only."""
