"""The use cases, one a file: they decide by the domain and reach the world through ports."""
