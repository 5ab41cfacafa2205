"""Config files as text: read once per change, cut and spliced character by character, replaced in one step."""
