"""Packages, deploys and drives the stack: what nox's sessions and the end-to-end tests stand on."""
