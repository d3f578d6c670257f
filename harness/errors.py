"""The one exception that the harness raises for its user to read."""


class HarnessError(Exception):
    """What went wrong and what to do, in one sentence or two; the command line prints it and exits with 1."""
