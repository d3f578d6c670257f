"""The control plane: MiniStack in this process, with its faults mended; the only package that imports it."""
