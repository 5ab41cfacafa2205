"""An op that fails is begun again as often as its config says."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.checking.checks import check
from niceml_engine.config.projects.project import Setting
from niceml_engine.events import DagsterEvent, Flag, Log, Metrics, OpEnded, OpStarted
from niceml_engine.runs.continuing import resume
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.stream import StreamReader
from niceml_engine.values import RunSettings
from tests.engine.digits import write_digits
from tests.engine.projects import CURVE, GENERATION, TRAIN, compose, copy_project, enqueue_job, write_own
from tests.engine.runs.test_training import SMOKE
from tests.engine.runs.test_worker import dagster_status, ended
from tests.waiting import wait_until

#: Fails as often as the file beside the project says.
FLAKY = """\
from pathlib import Path

from lib.curve import Curve


class Own(Curve):
    def __init__(self, steps: int, pause: float) -> None:
        left = int(Path("failures").read_text())
        Path("failures").write_text(str(left - 1))
        if left > 0:
            raise ConnectionResetError("the line is down")
        super().__init__(3, 0.0)
"""
OP = "+ops.data_generation.config"


def run_that_fails(project: Path, times: int, *overrides: str) -> RunFolder:
    write_own(project, FLAKY)
    (project / "failures").write_text(str(times))
    return enqueue_job(project, CURVE, *overrides)


def finished(run: RunFolder) -> tuple[list[OpStarted], list[OpEnded]]:
    queue = Queue(run.spec().root)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    rows = StreamReader(run.stream).read()
    starts = [row for row in rows if isinstance(row, OpStarted) and row.op == "data_generation"]
    return starts, [row for row in rows if isinstance(row, OpEnded) and row.op == "data_generation"]


def test_an_op_that_fails_once_is_begun_again_and_the_run_succeeds(tmp_path: Path) -> None:
    run = run_that_fails(tmp_path, 1, f"{OP}.retries=2", f"{OP}.retry_delay=0.01")
    starts, ends = finished(run)
    assert run.state().status == "succeeded", run.state().message
    assert [(row.attempt, row.attempts) for row in starts] == [(1, 3), (2, 3)]
    assert [(row.status, row.again_in) for row in ends] == [("failed", 0.01), ("succeeded", None)]
    assert "the line is down" in ends[0].message
    assert dagster_status(tmp_path, run) == "SUCCESS"
    kinds = [row.kind for row in StreamReader(run.stream).read() if isinstance(row, DagsterEvent)]
    assert kinds.count("STEP_UP_FOR_RETRY") == kinds.count("STEP_RESTARTED") == 1


def test_an_op_that_fails_too_often_fails_the_run(tmp_path: Path) -> None:
    run = run_that_fails(tmp_path, 5, f"{OP}.retries=1")
    starts, ends = finished(run)
    assert [row.again_in for row in ends] == [0, None]
    assert len(starts) == 2
    assert run.state().status == "failed"
    assert "the line is down" in run.state().message
    assert dagster_status(tmp_path, run) == "FAILURE"


#: Fails in the middle of the epochs that a file beside the project names, in each of them once.
BREAKS = """\
from pathlib import Path

from niceml_engine.learning.callbacks import RunCallback


class Breaks(RunCallback):
    def on_train_batch_end(self, batch, logs=None):
        first, *others = Path("breaks").read_text().split() or ["0"]
        if int(self.model.optimizer.iterations) == (int(first) - 1) * self.steps + 1:
            Path("breaks").write_text(" ".join(others))
            raise ConnectionResetError("the line is down")
"""


def test_a_training_that_is_begun_again_goes_on_after_its_own_last_checkpoint(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    write_digits(project / "data" / "numbers_cropped_split", (0, 1), per_class=40)
    (project / "own").mkdir()
    (project / "own" / "breaks.py").write_text(BREAKS)
    own = "ops.train.config"
    given = (f"{own}.train_params.epochs=4", f"+{own}.retries=3", f"+{own}.callbacks.breaks._target_=own.breaks.Breaks")

    def told(run: RunFolder) -> tuple[list[str], list[str], list[int]]:
        """What the log says of attempts, the flags of the charts, and the epochs that were measured."""
        finished(run)
        assert run.state().status == "succeeded", (run.state().message, run.output(4000))
        rows = StreamReader(run.stream).read()
        logged = [row.text for row in rows if isinstance(row, Log) and row.text.startswith("attempt")]
        epochs = [row.epoch for row in rows if isinstance(row, Metrics) and row.level == "epoch"]
        return logged, [row.text for row in rows if isinstance(row, Flag)], epochs

    (project / "breaks").write_text("1 3 4")
    run = enqueue_job(project, TRAIN, *SMOKE, *given)
    assert told(run) == (
        [
            "attempt 2 begins anew, without a checkpoint to go on from",
            "attempt 3 goes on at epoch 3, after the checkpoint of epoch 2",
            "attempt 4 goes on at epoch 4, after the checkpoint of epoch 3",
        ],
        [f"resumed at epoch {epoch}, from the checkpoint of epoch {epoch - 1}" for epoch in (3, 4)],
        [1, 2, 3, 4],
    )
    (project / "breaks").write_text("1")  # where the experiment has checkpoints, but of the training before
    again = resume(run, RunSettings(), only=("train",))
    assert told(again) == (["attempt 2 begins anew, without a checkpoint to go on from"], [], [1, 2, 3, 4])


def test_by_default_an_op_is_begun_once(tmp_path: Path) -> None:
    starts, (end,) = finished(run_that_fails(tmp_path, 1))
    assert [(row.attempt, row.attempts) for row in starts] == [(1, 1)]
    assert (end.status, end.again_in) == ("failed", None)


def test_a_run_is_stopped_while_it_waits_for_the_next_attempt(tmp_path: Path) -> None:
    run = run_that_fails(tmp_path, 1, f"{OP}.retries=1", f"{OP}.retry_delay=3600")
    queue = Queue(tmp_path)
    queue.advance()
    wait_until(lambda: any(isinstance(row, OpEnded) for row in StreamReader(run.stream).read()))
    run.ask_to_stop()
    starts, ends = finished(run)
    assert run.state().status == "stopped"
    assert (len(starts), len(ends)) == (1, 1)
    assert dagster_status(tmp_path, run) == "CANCELED"
    assert any(isinstance(row, Log) and row.text == "asked to stop" for row in StreamReader(run.stream).read())


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("retries=often", "`often` is not a whole number from 0 on"),
        ("retries=-1", "`-1` is not a whole number from 0 on"),
        ("retry_delay=soon", "`soon` is not a number from 0 on"),
    ],
)
def test_an_op_whose_retries_make_no_sense_fails_with_their_key(tmp_path: Path, override: str, said: str) -> None:
    starts, (end,) = finished(run_that_fails(tmp_path, 0, f"{OP}.{override}"))
    assert [row.attempts for row in starts] == [1]
    assert said in end.message
    assert (end.status, end.key) == ("failed", f"{OP.lstrip('+')}.{override.partition('=')[0]}")


@pytest.mark.parametrize(("override", "said"), [("retries=often", "often"), ("retrys=2", "retries")])
def test_what_makes_no_sense_is_told_before_the_run(tmp_path: Path, override: str, said: str) -> None:
    project = copy_project(tmp_path)
    problems = check(compose(project, GENERATION, f"{OP}.{override}"), Setting(project))
    assert any(said in problem.message for problem in problems), problems
