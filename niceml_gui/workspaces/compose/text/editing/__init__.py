"""Texts that can be changed: YAML files and overrides, with colours, completion and marks."""
