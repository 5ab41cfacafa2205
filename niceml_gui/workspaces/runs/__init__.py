"""Starting and watching runs."""
