"""The three workspaces of the window."""
