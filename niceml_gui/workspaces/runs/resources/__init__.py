"""What a run takes of its machine."""
