"""What the charts show of a training that was begun again, or went on from a checkpoint."""

import msgspec
import numpy as np
import pytest

from niceml_engine.events import Flag, OpEnded, OpStarted, metrics
from tests.gui.pointer import shown_at


def test_the_first_step_after_going_on_from_a_checkpoint_does_not_count_in_the_average(watched, streams):
    def batch(step):
        values = {"step_ms": 3000.0 if step in (1, 21) else 12.0, "loss": step / 40}
        return metrics("batch", step, 1 + step // 21, values)

    resumed = Flag(kind="resumed", text="resumed at epoch 2, from the checkpoint of epoch 1")
    rows = [*(batch(step) for step in range(1, 21)), resumed, *(batch(step) for step in range(21, 41))]
    charts = watched(streams.numbered(rows)).charts.charts
    behind, line = charts["step_ms"].canvas.picture.strokes
    compiled = np.flatnonzero(behind.y == 3000)
    assert behind.x[compiled].tolist() == [1, 21]
    assert np.isnan([behind.y[1], *behind.y[[compiled[1] - 1, compiled[1] + 1]]]).all()  # no line leads there and back
    assert np.allclose(line.y, 12)  # and it is one line
    charts["step_ms"].point_at(21.0)
    assert "with compiling" in charts["step_ms"].read_out
    _, loss = charts["loss"].canvas.picture.strokes
    assert loss.y[20] < 0.4  # what the training measures goes on, and so does its average


@pytest.mark.parametrize("axis", ["step", "relative"])
def test_a_second_attempt_has_averages_and_lines_of_its_own(watched, streams, settled, axis):
    def batch(step, loss):
        return metrics("batch", step, 1, {"loss": loss, "step_ms": 3000.0 if step == 1 else 12.0})

    rows = [batch(step, 0.5) for step in range(1, 41)] + [batch(step, 0.9) for step in range(1, 31)]
    workspace = watched(streams.numbered(rows))
    workspace.charts.controls.change(axis=axis)
    settled()
    _, loss = workspace.charts.charts["loss"].canvas.picture.strokes
    (gap,) = np.flatnonzero(np.isnan(loss.y))
    assert np.allclose(loss.y[:gap], 0.5)
    assert np.allclose(loss.y[gap + 1 :], 0.9)
    chart = workspace.charts.charts["step_ms"]
    assert np.nanmax(chart.canvas.picture.strokes[1].y) == pytest.approx(12)
    if axis == "step":
        return
    chart.point_at(4.0)
    assert "3000" in chart.read_out
    assert "with compiling" in chart.read_out


@pytest.fixture
def retried(streams):
    """The rows of a training that failed after 20 steps and was begun again."""

    def batch(step, loss):
        return msgspec.structs.replace(metrics("batch", step, 1, {"loss": loss}), op="train")

    return streams.numbered(
        [
            OpStarted(op="train", attempts=3),
            *(batch(step, 0.5) for step in range(1, 21)),
            OpEnded(status="failed", seconds=2.0, message="out of luck", again_in=0.1, op="train"),
            OpStarted(op="train", attempts=3),
            *(batch(step, 0.9) for step in range(1, 11)),
        ]
    )


@pytest.mark.parametrize("axis", ["step", "relative"])
def test_an_earlier_attempt_is_faint_and_named_and_the_last_one_is_read_off(watched, retried, settled, axis):
    workspace = watched(retried)
    workspace.charts.controls.change(axis=axis)
    settled()
    chart = workspace.charts.charts["loss"]
    earlier, behind, line = chart.canvas.picture.strokes
    assert (earlier.faint, behind.faint, line.faint) == (True, True, False)
    assert (set(earlier.y.round(6)), set(line.y.round(6))) == ({0.5}, {0.9})
    assert chart.note.full_text() == "faint: attempt 1"
    if axis == "relative":
        return
    assert "0.900" in shown_at(chart, 5)
    assert "attempt" not in chart.read_out
    assert "in attempt 1" in shown_at(chart, 18)  # so far, the last one has not come


def test_an_attempt_that_goes_on_from_a_checkpoint_is_no_other_training(watched, streams, settled):
    def told(event):
        return msgspec.structs.replace(event, op="train")

    def epoch(number, steps, loss):
        batches = (metrics("batch", 10 * (number - 1) + step, number, {"loss": loss}) for step in range(1, steps + 1))
        return [told(one) for one in (*batches, metrics("epoch", 10 * number, number, {"val_loss": loss}))]

    rows = [
        OpStarted(op="train", attempts=2),
        *epoch(1, 10, 0.4),
        *epoch(2, 10, 0.5),
        *epoch(3, 10, 0.3),  # of which there is no checkpoint
        OpEnded(status="failed", seconds=2.0, message="out of luck", again_in=0.1, op="train"),
        OpStarted(op="train", attempts=2),
        told(Flag(kind="resumed", text="resumed at epoch 3, from the checkpoint of epoch 2")),
        *epoch(3, 10, 0.6),
        *epoch(4, 10, 0.7),
    ]
    workspace = watched(streams.numbered(rows))
    settled()
    charts = workspace.charts.charts
    assert charts["loss"].note.full_text() == ""
    behind, line, validation = charts["loss"].canvas.picture.strokes
    assert (behind.faint, line.faint, validation.faint) == (True, False, False)
    assert {0.4, 0.5, 0.6, 0.7} == set(behind.y.round(6))  # the third epoch is the one that was trained once more
    assert not any(np.isnan(stroke.y).any() for stroke in (behind, line, validation))
    assert behind.x.tolist() == list(range(1, 41))
    assert validation.x.tolist() == [10, 20, 30, 40]
    (curve,) = (one for one in charts["loss"].curves() if one.key.split == "validation")
    assert curve.series.values.view[curve.best()] == 0.4


@pytest.mark.parametrize("axis", ["step", "relative"])
def test_curves_go_on_through_an_attempt_that_goes_on_from_a_checkpoint(watched, streams, settled, axis):
    def told(event):
        return msgspec.structs.replace(event, op="train")

    def epoch(number):
        batches = [metrics("batch", 4 * (number - 1) + step, number, {"loss": 0.5}) for step in range(1, 5)]
        return [told(one) for one in (*batches, metrics("epoch", 4 * number, number, {"val_loss": 0.6}))]

    rows = [
        OpStarted(op="train", attempts=2),
        *epoch(1),
        *epoch(2),
        OpEnded(status="failed", seconds=7.1, message="out of luck", again_in=0.1, op="train"),
        OpStarted(op="train", attempts=2),
        told(Flag(kind="resumed", text="resumed at epoch 3, from the checkpoint of epoch 2")),
        *epoch(3),
        OpEnded(status="succeeded", seconds=1.3, op="train"),
    ]
    workspace = watched(streams.numbered(rows))
    workspace.charts.controls.change(axis=axis)
    settled()
    behind, line, validation = workspace.charts.charts["loss"].canvas.picture.strokes
    assert [len(stroke.x) for stroke in (behind, line, validation)] == [12, 12, 3]
    assert not any(np.isnan(stroke.x).any() for stroke in (behind, line, validation))


def test_an_attempt_that_has_not_measured_anything_yet_leaves_the_others_faint(watched, retried):
    chart = watched(retried[:23]).charts.charts["loss"]
    assert [len(stroke.x) for stroke in chart.canvas.picture.strokes if not stroke.faint] == [0]
    assert chart.note.full_text() == "faint: attempt 1"
    assert not chart.grab().isNull()


def test_steps_that_are_trained_once_more_replace_the_former_ones_as_soon_as_they_come(watched, streams, feed, settled):
    def batch(step, loss):
        return metrics("batch", step, 1 + (step - 1) // 10, {"loss": loss if step != 13 else float("nan")})

    first = [OpStarted(op="train"), *(batch(step, 0.5) for step in range(1, 16))]
    resumed = Flag(kind="resumed", text="resumed at epoch 2, from the checkpoint of epoch 1")
    rows = streams.numbered([*first, resumed, *(batch(step, 0.9) for step in range(11, 31))])
    workspace = watched(rows[: len(first) + 1])
    chart = workspace.charts.charts["loss"]
    assert chart.canvas.picture.strokes[0].x[-1] == 15  # nothing is known to replace it
    assert len(chart.canvas.picture.gaps) == 1
    for end in (len(first) + 2, len(rows)):
        feed("a", rows[:end])
        settled()
        last = end - len(first) - 1 + 10
        behind, line = chart.canvas.picture.strokes
        finite = [step for step in range(1, last + 1) if step != 13]
        assert behind.x[np.isfinite(behind.y)].tolist() == line.x[np.isfinite(line.y)].tolist() == finite
        assert set(behind.y[np.isfinite(behind.y)].round(6)) == {0.5, 0.9}
        assert len(chart.canvas.picture.gaps) == (last >= 13)
