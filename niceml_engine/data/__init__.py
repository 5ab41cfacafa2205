"""Generating, splitting and loading images; loaded only in the worker."""
