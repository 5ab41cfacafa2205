"""Scanning, composing, explaining, checking, editing and exporting Hydra configs."""
