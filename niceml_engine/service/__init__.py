"""The server behind the window: one per project, over a byte stream."""
