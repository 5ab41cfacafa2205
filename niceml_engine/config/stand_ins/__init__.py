"""Empty options in place of those of plugins that are not installed, so that the rest of a job can be looked at."""
