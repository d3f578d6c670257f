"""The command line as ``python -m localcloud``."""

from __future__ import annotations

import sys

from localcloud.command import main

if __name__ == "__main__":
    sys.exit(main())
