"""Wires services, adapters and AWS's events together: the only place that knows them all.

Entries import the areas that they need, and call them once, when their execution environment starts.
Adapters, and with them AWS's SDK, are imported inside the functions that make them: a function that reads no
table starts without them.
"""
