"""Text panes: the composed config with its origins, and source files to edit."""
