"""The tree of config groups, and what can be done with the files in it."""
