"""Compares localcloud with bare MiniStack in one run, and holds it to the budgets of its design."""
