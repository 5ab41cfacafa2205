"""Locations and experiment folders on any file system."""
