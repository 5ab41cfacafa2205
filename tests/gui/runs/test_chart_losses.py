"""What the charts show where rows of a run are missing."""

import msgspec
import numpy as np
import pytest

from niceml_engine.events import Missing, metrics


def batches(first, last, values=None):
    return [metrics("batch", step, 1, values or {"loss": 0.5, "accuracy": 0.9}) for step in range(first, last + 1)]


def test_no_line_leads_over_rows_that_are_missing_and_it_is_said_there(watched, streams):
    lost = Missing(rows=3, pieces=2, step=10)
    rows = [*batches(1, 10), lost, *batches(14, 20)]
    workspace = watched(streams.numbered(rows))
    for metric in ("loss", "accuracy"):
        picture = workspace.charts.charts[metric].canvas.picture
        for stroke in picture.strokes:
            (gap,) = np.flatnonzero(np.isnan(stroke.y))
            assert (stroke.x[gap - 1], stroke.x[gap + 1]) == (10, 14)
        (flag,) = picture.flags
        assert (flag.x, flag.kind, flag.text) == (10, "missing", lost.in_words())
    assert [(line.level, line.text) for line in workspace.record.log] == [("warning", lost.in_words())]
    assert workspace.record.notes == [msgspec.structs.replace(lost, seq=11, time=workspace.record.notes[0].time)]


@pytest.mark.parametrize("lost", [Missing(rows=3, pieces=1), Missing(pieces=1)])
def test_a_line_goes_on_where_none_of_its_own_points_are_missing(watched, streams, lost):
    rows = [*batches(1, 10), lost, *batches(11, 20)]
    picture = watched(streams.numbered(rows)).charts.charts["loss"].canvas.picture
    assert not any(np.isnan(stroke.y).any() for stroke in picture.strokes)


def test_what_is_measured_at_ends_of_epochs_is_interrupted_where_an_epoch_is_missing(watched, streams):
    def epoch(number):
        return metrics("epoch", 10 * number, number, {"val_loss": 0.5, "loss": 0.4})

    rows = [epoch(1), epoch(2), Missing(rows=1), epoch(3), epoch(4), Missing(rows=2), epoch(6), epoch(7)]
    picture = watched(streams.numbered(rows)).charts.charts["loss"].canvas.picture
    for stroke in picture.strokes:
        (gap,) = np.flatnonzero(np.isnan(stroke.y))
        assert (stroke.x[gap - 1], stroke.x[gap + 1]) == (40, 60)


def test_the_details_of_a_run_say_how_many_rows_are_missing(session, tell, streams, workspace):
    tell(streams.state("a", "succeeded", missing=9))
    index = workspace.runs.model.index(0, 0)
    assert "9 rows are missing" in index.data(3).splitlines()
