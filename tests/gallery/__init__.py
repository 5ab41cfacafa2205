"""What the window can show: scenes that `make pictures` draws, and that a test walks through."""
