import math
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import msgspec
import pytest
from PySide6.QtCore import QObject, Signal

from niceml_engine.events import (
    Analysis,
    Artifact,
    Check,
    Log,
    OpEnded,
    OpStarted,
    Progress,
    RunEnded,
    RunStarted,
    metrics,
)
from niceml_engine.protocol.configs import OpReference
from niceml_engine.protocol.runs import (
    Output,
    PastSelection,
    Printed,
    ReadRunConfig,
    RunConfig,
    RunOutput,
    RunSelection,
)
from niceml_engine.protocol.trust import AskTrust, Trust
from niceml_engine.results import Bars, Confusion, Curve, Histogram, Lines, Spread
from niceml_engine.values import ACTIVE, JobSpec, Origin, RunState, Selection
from niceml_gui.address import HERE
from niceml_gui.session import Session
from niceml_gui.theme import theme

OPS = ("experiment", "train", "prediction", "analysis", "exptests")
START = 1_764_000_000.0


CONFIG = RunConfig(
    "globals:\n  exp_name: Sample\n  epochs: 3\n  sizes:\n  - 8\n  - 16\n",
    ("globals", "globals.exp_name", "globals.epochs", "globals.sizes", "", ""),
    {
        "globals.exp_name": Origin("globals/names", "/p/configs/globals/names.yaml", 2),
        "globals.epochs": Origin("override", line=1, text="globals.epochs=3"),
        "globals.sizes": Origin("globals/names", "/p/configs/globals/names.yaml", 5),
    },
    {"globals.exp_name": "Sample 1"},
)


class QuietEngine(QObject):
    """Answers at once what needs an answer, and remembers what it was asked."""

    notified = Signal(object)
    greeted = Signal()
    silence_changed = Signal()
    lost = Signal(object)
    host = HERE
    running = True
    silent = False
    errors = ""

    def __init__(self):
        super().__init__()
        self.asked = []
        self.printed = {"stdout": b"epoch 1\nepoch 2\n", "stderr": b"W no GPU\n"}

    def piece(self, name, start):
        """What was printed from a byte on, five bytes at a time."""
        whole = self.printed[name]
        return Printed(start, whole[start : start + 5], len(whole))

    def ask(self, request, then=None, failed=None, timeout=30.0):
        self.asked.append(request)
        if isinstance(request, RunOutput):
            then(Output(self.piece("stdout", request.stdout), self.piece("stderr", request.stderr)))
        if isinstance(request, AskTrust):
            then(Trust("/p", trusted=True))
        if isinstance(request, RunSelection):
            then(PastSelection(Selection("job.yaml"), "digest"))
        if isinstance(request, ReadRunConfig):
            then(CONFIG)
        return len(self.asked)

    def forget(self, request):
        self.asked.append(("forget", request))

    def close(self):
        self.asked.append("close")


def numbered(events):
    """Gives events their numbers and times, a tenth of a second apart."""
    return tuple(
        msgspec.structs.replace(event, seq=number, time=START + number / 10) for number, event in enumerate(events, 1)
    )


def training(steps=20, epochs=2, broken_at=0):
    """The rows of a run that is being trained."""
    events = [
        RunStarted(pid=41),
        OpStarted(op="experiment"),
        Artifact(kind="experiment", path="/experiments/CLB-1", op="experiment"),
        OpEnded(status="succeeded", seconds=0.1, op="experiment"),
        OpStarted(op="train"),
    ]
    total = steps * epochs
    for step in range(1, total + 1):
        epoch = (step - 1) // steps + 1
        loss = math.nan if step == broken_at else 1.0 / step
        values = {"loss": loss, "learning_rate": 1e-3, "step_ms": 12.0}
        events.append(msgspec.structs.replace(metrics("batch", step, epoch, values), op="train"))
        events.append(Progress(done=step, total=total, epoch=epoch, epochs=epochs, op="train"))
        if step % steps == 0:
            ends = {"loss": 1.1 / step, "val_loss": 1.3 / step}
            events.append(msgspec.structs.replace(metrics("epoch", step, epoch, ends), op="train"))
            events.append(Log(text=f"epoch {epoch}/{epochs}", op="train"))
    return numbered(events)


def finished():
    """The rows of a run that was trained, analysed and tested."""
    curve = Curve("8", (0.0, 0.1, 1.0), (0.0, 0.9, 1.0), (None, 0.5, 0.1), 0.97, 1)
    axes = ("ROC", "false positive rate", "true positive rate")
    bars = (Bars("true 3", (70, 9)), Bars("true 8", (2, 77)))
    results = (
        Confusion(("3", "8"), ((78, 1), (2, 77)), threshold=0.5),
        Lines("roc", *axes, (curve,), at="threshold", value="AUC", diagonal=True),
        Histogram("scores", "Scores", (0.0, 0.5, 1.0), (Spread("8", "probability of 8", bars),), 0.5),
    )
    events = [
        *training(),
        OpEnded(status="succeeded", seconds=4.0, op="train"),
        OpStarted(op="analysis"),
        *(
            Analysis(subset=name, metrics={"f1": f1, "accuracy": 0.98}, results=results)
            for name, f1 in (("train_eval", 0.99), ("validation", 0.985), ("test", None))
        ),
        OpEnded(status="succeeded", seconds=0.5, op="analysis"),
        Check(name="ModelsSaved", passed=True, op="exptests"),
        Check(name="NoEmptyFolder", passed=False, message="models/old is empty", op="exptests"),
        RunEnded(status="succeeded"),
    ]
    return numbered(events)


def failed():
    """The rows of a run that a config key broke."""
    events = [
        *training(),
        OpEnded(
            status="failed",
            seconds=3.0,
            op="train",
            message="loss is nan",
            details="Traceback: one\nTraceback: two",
            key="ops.train.config.learning_rate",
        ),
        RunEnded(status="failed", message="train failed"),
    ]
    return numbered(events)


def run_state(run, status="running", *, age=0.0, **fields):
    """A run as the service tells it."""
    ended = 0.0 if status in ACTIVE else START - age + 60
    base = {
        "name": f"CLB-{run}",
        "experiment": f"/e/CLB-{run}",
        "job": "/p/configs/jobs/job_train/x.yaml",
        "dagster_job": "job_train",
    }
    return RunState(id=run, status=status, created=START - age, started=START - age, ended=ended, **(base | fields))


@pytest.fixture
def engine(qapp):
    return QuietEngine()


@pytest.fixture
def session(engine, monkeypatch, tmp_path):
    monkeypatch.setenv("NICEML_STATE_DIR", str(tmp_path))
    theme().set_dark(True)
    session = Session(engine)
    session.reference = OpReference((), (JobSpec("job_train", "", OPS),))
    return session


@pytest.fixture
def tell(session, engine):
    """Makes runs known, as the service does."""
    from niceml_engine.protocol.runs import RunChanged

    def tell(*states):
        for state in states:
            engine.notified.emit(RunChanged(state))

    return tell


@pytest.fixture
def feed(engine):
    """Sends the rows of a run."""
    from niceml_engine.columns import gather
    from niceml_engine.protocol.runs import RunRows

    return lambda run, rows: engine.notified.emit(RunRows(run, gather(rows)))


@pytest.fixture
def workspace(qtbot, session):
    from niceml_gui.workspaces.runs.panel import RunsWorkspace

    workspace = RunsWorkspace(session)
    workspace.resize(1400, 860)
    qtbot.addWidget(workspace, before_close_func=lambda widget: widget.close_plots())
    workspace.show()
    return workspace


@pytest.fixture
def watched(workspace, session, tell, feed, qtbot):
    """Shows a run with some rows, and waits until its charts are drawn."""

    def watch(rows, **fields):
        tell(run_state("a", **fields))
        session.runs.select("a")
        feed("a", rows)
        qtbot.waitUntil(lambda: "loss" in workspace.charts.charts and not workspace.charts._timer.isActive())
        return workspace

    return watch


@pytest.fixture
def settled(workspace, qtbot):
    """Waits until what was changed is drawn."""
    return lambda: qtbot.waitUntil(lambda: not workspace.charts._timer.isActive())


@pytest.fixture
def charts(watched, streams):
    """The charts of a run of two epochs with fifty steps each."""
    return watched(streams.training(steps=50)).charts


@pytest.fixture
def streams():
    """Rows to feed: `training(...)`, `finished()`, `failed()`; and `state(...)` for runs."""
    return _Streams


class _Streams:
    training = staticmethod(training)
    finished = staticmethod(finished)
    failed = staticmethod(failed)
    state = staticmethod(run_state)
    numbered = staticmethod(numbered)
