"""Everything that can be found wrong with a config without running it, and the ways to mend it."""
