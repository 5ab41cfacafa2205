"""Models, training, prediction, analysis and experiment tests; loaded only in the worker."""
