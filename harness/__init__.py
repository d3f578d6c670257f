"""Packages, deploys and drives the stack: what nox's sessions, the end-to-end tests and the load tests stand on."""
