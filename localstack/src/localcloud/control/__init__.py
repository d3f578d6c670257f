"""localcloud's own API, below ``/_localcloud/``: what runs, and what is to go wrong on purpose."""
