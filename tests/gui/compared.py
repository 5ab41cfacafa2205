"""Three runs that tests compare: what tells them apart, and which of them charts show."""

RATES = {"a": 0.1, "b": 0.01, "c": 0.001}
EPOCHS = {"a": 3, "b": 3, "c": 5}
LOSS = {"a": 0.5, "b": 0.25, "c": 0.125}


def shown_runs(workspace):
    return [one.run for one in workspace.charts.shown]
