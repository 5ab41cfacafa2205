"""Timings, printed as tables: `make bench`. Never tests, and nothing here is asserted."""
