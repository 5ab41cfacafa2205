"""The cards of the ops: pickers for choices, and forms for values."""
