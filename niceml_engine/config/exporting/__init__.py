"""Selections in other forms: YAML, resolved, run config, overrides, command, job, folder."""
