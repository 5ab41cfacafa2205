"""The list of runs: what runs, what waits in the queue, what has ended, and everything that can be done to them."""
