"""Three runs whose configs and metrics differ."""

import pytest

from niceml_engine.leaves import Leaves
from niceml_engine.protocol.comparing import ReadLeaves
from tests.gui.compared import EPOCHS, LOSS, RATES


@pytest.fixture
def answer(engine):
    """Answers requests for configs, as the service does."""
    table = Leaves("s")
    for run, rate in RATES.items():
        table.add(run, {"train.rate": rate, "train.optimizer.rate": rate, "train.epochs": EPOCHS[run], "same": True})
    ask = engine.ask

    def answered(request, then=None, failed=None, timeout=30.0):
        if isinstance(request, ReadLeaves):
            engine.asked.append(request)
            then(table.part(request.stamp, request.keys, request.values, request.rows))
            return 0
        return ask(request, then, failed, timeout)

    engine.ask = answered
    return table


@pytest.fixture
def three(workspace, tell, feed, streams, answer, qtbot):
    """Three runs that have ended, whose curves come when they are asked for."""
    for age, run in enumerate(RATES):
        metrics = {"val_loss": LOSS[run], "test.f1": 1 - LOSS[run]}
        tell(streams.state(run, "succeeded", age=100 - age, metrics=metrics, lows={"val_loss": LOSS[run] / 2}))

    def compare(*runs):
        workspace.comparison.set(runs)
        for run in runs:
            feed(run, streams.finished())
        qtbot.waitUntil(lambda: not workspace.feeder.busy and len(workspace.charts.shown) == max(len(runs), 1))
        qtbot.waitUntil(lambda: not runs or "loss" in workspace.charts.charts)
        return workspace

    return compare
