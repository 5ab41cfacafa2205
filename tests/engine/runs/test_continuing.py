"""Runs that go on where another one failed, in a worker that was kept ready for them."""

import os
import sqlite3
from pathlib import Path

import msgspec
import psutil
import pytest
import yaml

from niceml_engine.errors import ConfigError, RunError
from niceml_engine.events import Analysis, Artifact, Event, Flag, Log, Metrics, OpStarted, Resources, RunStarted
from niceml_engine.runs.continuing import remaining, resume
from niceml_engine.runs.enqueue import enqueue
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.spare import SpareWorker
from niceml_engine.runs.stream import StreamReader
from niceml_engine.short import again, named
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location
from niceml_engine.values import Continuation, RunSettings, Spare
from tests.engine.digits import write_digits
from tests.engine.projects import TRAIN, compose, copy_project, enqueue_job
from tests.engine.runs.test_training import SMOKE
from tests.engine.runs.test_worker import ended
from tests.waiting import wait_until

SETTINGS = RunSettings()


def test_a_failed_run_goes_on_from_the_op_that_failed_in_the_spare_worker(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    write_digits(project / "data" / "numbers_cropped_split", (0, 1), per_class=40)
    failed, queue = enqueue_job(project, TRAIN, *SMOKE, "ops.prediction.config.model=worst"), Queue(project)
    wait_until(lambda: ended(queue, failed))
    wait_for_exit(failed)
    before = failed.state()
    assert (before.status, before.op) == ("failed", "prediction")
    continues = remaining(failed)
    assert continues == Continuation(("prediction", "analysis", "exptests"), before.experiment, failed.id)

    edited = compose(project, TRAIN, *SMOKE, "ops.prediction.config.model=last")
    other = compose(project, TRAIN, *SMOKE, "ops.prediction.config.model=last", "ops.train.config.learning_rate=0.5")
    with pytest.raises(ConfigError, match=r"train was run with another value .*begin with train") as refused:
        enqueue(project, other, SETTINGS, continues=continues)
    assert refused.value.key.startswith("ops.train.config")

    spare = SpareWorker(project, dict(os.environ))
    wait_until(lambda: (spare.tend(True) and spare.state.ready) or spare.state.ready, 120)
    assert spare.state.memory > 100_000_000
    kept = psutil.Process(spare.state.pid)
    run = enqueue(project, edited, SETTINGS, continues=continues)
    queue = Queue(project, spare)
    queue.advance()
    worker = run.worker()
    assert worker is not None
    assert worker.pid == kept.pid
    assert spare.state == Spare()
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    state = run.state()
    assert state.status == "succeeded", (state.message, run.output(4000))
    assert state.experiment == before.experiment
    assert state.continues == continues

    rows = StreamReader(run.stream).read()
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [row.op for row in rows if isinstance(row, OpStarted)] == ["experiment", "train", *continues.ops]
    (begun,) = (place for place, row in enumerate(rows) if isinstance(row, RunStarted))
    assert {row.op for row in rows[:begun]} == {"experiment", "train"}  # in the order in which all that happened
    assert all(row.time <= rows[begun].time for row in rows[:begun])
    assert rows[begun].time == state.started
    assert not any(isinstance(row, Resources) for row in rows[:begun])
    trained = [row.time for row in StreamReader(failed.stream).read() if isinstance(row, Metrics)]
    assert [row.time for row in rows if isinstance(row, Metrics)] == trained != []
    analysed = [row.subset for row in rows if isinstance(row, Analysis)]
    logged = [row.text.split()[0] for row in rows if isinstance(row, Log) and row.op in ("prediction", "analysis")]
    assert analysed == ["validation", "test", "train_eval"]
    assert logged == [
        "goes",
        "predicts",
        *(f"predictions/{subset}.parquet" for subset in analysed),
    ]  # the metrics are told by rows
    experiment = ExperimentFolder(Location(state.experiment))
    assert yaml.safe_load(experiment.read("configs/ops/prediction.yaml"))["model"] == "last"
    info = yaml.safe_load(experiment.read("experiment_info.yaml"))
    assert (info["status"], info["run_id"], info["earlier_runs"]) == ("succeeded", run.id, [failed.id])
    assert info["digest"] == edited.digest
    with sqlite3.connect(project / ".niceml" / "dagster" / "history" / "runs.db") as connection:
        parents = connection.execute("select value from run_tags where key = 'dagster/parent_run_id'").fetchall()
        ids = connection.execute("select run_id from run_tags where key = 'niceml/run' and value = ?", (failed.id,))
        assert parents == ids.fetchall()
    connection.close()

    alone = resume(run, SETTINGS, only=("analysis",))
    wait_until(lambda: ended(queue, alone))
    wait_for_exit(alone)
    assert alone.state().status == "succeeded", (alone.state().message, alone.output(4000))
    assert alone.state().experiment == before.experiment
    rows = StreamReader(alone.stream).read()  # the tests spoke of the analysis that was there before
    assert [row.op for row in rows if isinstance(row, OpStarted)] == ["experiment", "train", "prediction", "analysis"]
    with pytest.raises(RunError, match="has no op data_crop"):
        resume(run, SETTINGS, only=("data_crop",))

    with pytest.raises(RunError, match="it has done everything"):
        remaining(run)
    again = resume(run, SETTINGS, start="analysis")
    assert again.spec().continues == Continuation(("analysis", "exptests"), state.experiment, run.id)
    assert again.spec().config == run.spec().config
    with pytest.raises(RunError, match="it has not ended"):
        resume(again, SETTINGS)


#: Fails in the middle of an epoch as long as there is a file beside the project that names it.
BREAKS = """\
from pathlib import Path

from niceml_engine.learning.callbacks import RunCallback


class Breaks(RunCallback):
    def on_train_batch_end(self, batch, logs=None):
        file = Path("breaks")
        if file.exists() and int(self.model.optimizer.iterations) == (int(file.read_text()) - 1) * self.steps + 1:
            raise ConnectionResetError("the line is down")
"""


def test_a_training_goes_on_from_its_last_checkpoint_and_tells_of_each_epoch_once(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    write_digits(project / "data" / "numbers_cropped_split", (0, 1), per_class=40)
    (project / "own").mkdir()
    (project / "own" / "breaks.py").write_text(BREAKS)
    (project / "breaks").write_text("3")
    epochs = "ops.train.config.train_params.epochs=4"
    given = (*SMOKE, epochs, "+ops.train.config.callbacks.breaks={_target_: own.breaks.Breaks}")
    queue = Queue(project)

    def finished(run: RunFolder) -> list[Event]:
        wait_until(lambda: ended(queue, run), 120)
        wait_for_exit(run)
        rows = StreamReader(run.stream).read()
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        return rows

    failed = enqueue_job(project, TRAIN, *given)
    told = finished(failed)
    assert (failed.state().status, failed.state().op) == ("failed", "train")
    continues = remaining(failed)
    assert continues is not None
    assert continues.goes_on
    assert remaining(failed, anew=True) == msgspec.structs.replace(continues, goes_on=False)
    assert remaining(failed, "train") == msgspec.structs.replace(continues, goes_on=False)
    for given_then, goes_on in (("ops.analysis.config.analyzer.threshold=0.4", True), (epochs[:-1] + "5", False)):
        other = enqueue(project, compose(project, TRAIN, *given, given_then), SETTINGS, continues=continues)
        assert other.spec().continues == msgspec.structs.replace(continues, goes_on=goes_on)
        other.delete()

    (project / "breaks").write_text("4")
    second = resume(failed, SETTINGS)
    finished(second)
    (project / "breaks").unlink()
    run = resume(second, SETTINGS)
    rows = finished(run)
    assert run.state().status == "succeeded", (run.state().message, run.output(4000))
    of_epochs = [row for row in rows if isinstance(row, Metrics) and row.level == "epoch"]
    assert [row.epoch for row in of_epochs] == [1, 2, 3, 4]
    steps = [row.step for row in rows if isinstance(row, Metrics) and row.level == "batch"]
    assert steps == list(range(1, of_epochs[-1].step + 1))
    assert [row.text for row in rows if isinstance(row, Flag)] == [
        f"resumed at epoch {epoch}, from the checkpoint of epoch {epoch - 1}" for epoch in (3, 4)
    ]
    assert [row.op for row in rows if isinstance(row, OpStarted)] == ["experiment", *continues.ops]
    assert (run.state().resumed, again(run.state())) == (True, "resumed from train")
    assert named(run.state()) == f"{failed.state().name} …{run.id[-4:]}"
    assert [row.epoch for row in rows if isinstance(row, Artifact) and row.kind == "model"] == [1, 2, 3, 4]
    first = [row for row in told if isinstance(row, Metrics) and row.level == "epoch"]
    assert [(row.time, row.values) for row in of_epochs[:2]] == [(row.time, row.values) for row in first]

    (project / "breaks").write_text("1")  # of this training there is no checkpoint, whatever there is of the others
    anew = resume(run, SETTINGS, start="train")
    finished(anew)
    (project / "breaks").unlink()
    begun_anew = resume(anew, SETTINGS)
    assert again(begun_anew.state()) == "resumed from train"  # as far as one knows
    last = finished(begun_anew)
    assert (begun_anew.state().resumed, again(begun_anew.state())) == (False, "again from train")
    assert [row.epoch for row in last if isinstance(row, Metrics) and row.level == "epoch"] == [1, 2, 3, 4]
    assert "train has no checkpoint to go on from, and begins anew" in [
        row.text for row in last if isinstance(row, Log)
    ]


def test_ops_that_need_an_experiment_or_that_no_job_has_are_refused(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    composed = compose(project, TRAIN)
    with pytest.raises(RunError, match="analysis needs an experiment that exists"):
        enqueue(project, composed, SETTINGS, continues=Continuation(("analysis",)))
    with pytest.raises(RunError, match="job_train has no op data_crop; its ops are experiment, train"):
        enqueue(project, composed, SETTINGS, continues=Continuation(("data_crop", "train"), "file:///x"))


def test_a_spare_worker_ends_with_its_service_and_there_is_one_for_a_project(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    spare, other = SpareWorker(project, dict(os.environ)), SpareWorker(project, dict(os.environ))
    wait_until(lambda: spare.tend(True) or spare.state.pid > 0)
    process = psutil.Process(spare.state.pid)
    wait_until(lambda: other.tend(True) or other.state.elsewhere)
    assert other.state == Spare(elsewhere=True)
    wait_until(lambda: (spare.tend(True) or True) and spare.state.ready, 120)
    wait_until(lambda: other.tend(True) or other.state.ready)
    assert other.state == Spare(elsewhere=True, ready=True)
    spare.expect(RunSettings(threads=1))  # what was started for something else is of no use
    wait_until(lambda: (spare.tend(True) or True) and spare.state.pid not in (0, process.pid))
    assert not process.is_running()
    process = psutil.Process(spare.state.pid)
    spare.tend(False)
    assert spare.state == Spare()
    wait_until(lambda: not process.is_running())
