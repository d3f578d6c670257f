"""Several regions in one process: what each has of its own, and how one is put out of reach."""
