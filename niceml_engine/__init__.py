"""Composing, jobs, training, runs, storage and command line; knows no Qt."""
