"""Finding past experiments again."""
