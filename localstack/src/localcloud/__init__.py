"""localcloud: an AWS for one laptop, with API Gateway's and Lambda's data planes its own."""

__version__ = "0.1.0"
