"""A worker is killed in any phase of a training: its run says so everywhere, and goes on from there."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.events import OpEnded, OpStarted, PhaseStarted, Resources, RunEnded
from niceml_engine.runs.continuing import ops_of, resume
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.stream import StreamReader
from niceml_engine.store.experiments import list_experiments
from niceml_engine.store.location import Location
from niceml_engine.values import RunSettings
from tests.engine.digits import write_digits
from tests.engine.projects import TRAIN, copy_project, enqueue_job
from tests.engine.runs.test_training import SMOKE
from tests.engine.runs.test_worker import dagster_status, ended
from tests.waiting import wait_until

#: A resolver whose module each worker imports, and which ends it in the middle of a phase, as the kernel would.
MORTAL = """\
import os
import signal

from omegaconf import OmegaConf

from niceml_engine.runs.stream import StreamWriter

OmegaConf.register_new_resolver("mortal", lambda name: name)
emit = StreamWriter.emit


def deadly(self, event):
    written = emit(self, event)
    if f"{type(event).__name__} {written.op} {getattr(event, 'name', '')}".strip() == os.environ.get("DIES_AT"):
        os.kill(os.getpid(), signal.SIGKILL)
    return written


StreamWriter.emit = deadly
"""
DEATHS = (
    "OpStarted experiment",
    "PhaseStarted train load data",
    "PhaseStarted train build model",
    "PhaseStarted train epoch",
    "OpEnded train",
    "PhaseStarted prediction predict",
    "PhaseStarted analysis analyse",
    "OpStarted exptests",
)


@pytest.mark.timeout(300)
def test_a_worker_killed_in_any_phase_fails_its_run_which_goes_on_from_the_op_that_it_died_in(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    write_digits(project / "data" / "numbers_cropped_split", (0, 1), per_class=40)
    (project / "mortal.py").write_text(MORTAL)
    queue = Queue(project)
    run = enqueue_job(project, TRAIN, *SMOKE, "+globals.mortal='${mortal:x}'")
    for death in DEATHS:
        (project / ".env").write_text(f"DIES_AT='{death}'\n")
        kind, op, *_phase = death.split(maxsplit=2)
        _runs_to_its_death(queue, run, op, death)
        ops = ops_of("job_train")
        first = ops[ops.index(op) + kind.startswith("OpEnded")]
        assert run.state().next_op(ops) == first
        run = resume(run, RunSettings())
        continues = run.spec().continues
        assert (continues.ops if continues is not None else ops) == ops[ops.index(first) :]
    (project / ".env").unlink()
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    assert run.state().status == "succeeded", run.state().message
    (kept, *others) = sorted(list_experiments(Location.of("experiment_outputs", project)), key=lambda one: one.created)
    assert (kept.status, others) == ("succeeded", [])


def _runs_to_its_death(queue: Queue, run: RunFolder, op: str, death: str) -> None:
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    state = run.state()
    assert (state.status, state.op) == ("failed", op), (death, state.message, run.output(4000))
    assert "SIGKILL" in state.message
    rows = StreamReader(run.stream).read()
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    *_, before, last = (row for row in rows if not isinstance(row, Resources))
    assert isinstance(before, OpStarted | PhaseStarted | OpEnded), death
    assert before.op == op
    assert isinstance(last, RunEnded)
    assert dagster_status(queue.root, run) == "FAILURE"
    if state.experiment:
        (experiment,) = list_experiments(Location.of("experiment_outputs", queue.root))
        assert (experiment.status, experiment.run_id) == ("failed", run.id)
