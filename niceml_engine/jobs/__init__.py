"""Ops and jobs: declared in plain Python, turned into Dagster jobs in the worker."""
