"""Changing config files: plans for new, renamed, moved, deleted and saved ones, and who names them."""
