"""Puts the README's pictures of the web client in place, once test_screens.py has taken them."""

from __future__ import annotations

import shutil
from typing import Final

from e2e.browser.test_screens import PICTURES
from harness import paths

IMAGES: Final = paths.ROOT / "docs" / "images"

README: Final = {
    "web-conversation": "direct-light-desktop",
    "web-group": "group-details-dark-desktop",
    "web-offline": "offline-light-phone",
    "web-phone": "group-dark-phone",
}
"""Which picture of a screen the README shows by which name."""


def main() -> None:
    """Copy them from where the tests of the screens have left them."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, screen in README.items():
        shutil.copyfile(PICTURES / f"{screen}.png", IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
