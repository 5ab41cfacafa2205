"""When which op and phase of a run took how long."""
