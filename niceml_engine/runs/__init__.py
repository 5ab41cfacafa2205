"""Runs: folder, queue, launch, event stream, worker."""
