"""What an analysis found: a pane made of sections, each for one kind of result."""
