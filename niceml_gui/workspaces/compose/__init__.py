"""Choosing, composing and changing configs."""
