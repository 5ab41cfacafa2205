"""A small real process that speaks the protocol, for what the real service does not do on request: dying, hanging."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import msgspec

from niceml_engine.columns import gather
from niceml_engine.events import Tried, metrics
from niceml_engine.protocol.base import Nothing
from niceml_engine.protocol.configs import (
    CheckSelection,
    Compose,
    Export,
    Exported,
    ListFolder,
    Listing,
    OpenProject,
    OpReference,
    Reference,
    Scan,
)
from niceml_engine.protocol.files import FileChange, FilePlan, PlanSave, WriteFiles, Written
from niceml_engine.protocol.frames import Answer, Call, FrameReader, Notice, encode_frame
from niceml_engine.protocol.greeting import own
from niceml_engine.protocol.runs import (
    ListExperiments,
    ListRuns,
    Logger,
    NameRun,
    PastSelection,
    ReadLoggers,
    RepeatRuns,
    RunRows,
    RunSelection,
    StartRun,
    WatchRun,
)
from niceml_engine.protocol.trials import StartTrial, TrialRows
from niceml_engine.protocol.trust import AskTrust, Foreign, SetTrust, Trust
from niceml_engine.values import (
    Choice,
    Composed,
    ConfigTree,
    ErrorInfo,
    Experiment,
    Head,
    Job,
    Leaf,
    Option,
    Origin,
    Problem,
    Project,
    RunState,
    Selection,
)

ROOT = sys.argv[1]
JOBS = (Job("jobs/job_a/a", f"{ROOT}/jobs/job_a/a.yaml", "job_a"), Job("jobs/b", f"{ROOT}/jobs/b.yaml"))
TREE = ConfigTree(
    (Option("db", "mysql", f"{ROOT}/db/mysql.yaml"), Option("db", "sqlite", f"{ROOT}/db/sqlite.yaml")), JOBS
)


#: What comes of any trial.
TRIED = (
    Tried("train.model", "model", "succeeded", 0.25, "keras.Model", ("9 layers", "n×8 → n×1"), place="jobs/b.yaml:2"),
    Tried("train.sizes", "sizes", "failed", 0.01, message="train.sizes: too large", place="jobs/b.yaml:7"),
)
#: The project names one of them, and the other one is not there.
LOGGERS = (Logger("tensorboard", True), Logger("mlflow", False, "mlflow is not installed in /env/bin/python"))
STATE = RunState("t", "t", "failed", JOBS[0].file)
#: What the project asks trust for, where a test says so.
FOREIGN = (
    (
        Foreign("target", "keras.optimizers.Adam", JOBS[0].file, 5),
        Foreign("resolver", "mine.double", f"{ROOT}/lib.py", 3),
        Foreign("target", "my.net.Net", JOBS[0].file, 4, "my/net.py:7"),
    )
    if os.path.exists(f"{ROOT}/foreign")
    else ()
)


def send(message: Any) -> None:
    """Writes one frame."""
    sys.stdout.buffer.write(encode_frame(message))
    sys.stdout.buffer.flush()


def composed(selection: Any) -> Composed:
    """A composed config that shows the overrides in its text."""
    origin = Origin("jobs/job_a/a", JOBS[0].file, 3)
    return Composed(
        selection,
        digest=f"{abs(hash(selection.overrides)):064x}",
        dagster_job="job_a",
        yaml="epochs: 1\n" + "".join(f"# {override}\n" for override in selection.overrides),
        leaves=(Leaf("train.epochs", 1, origin), Leaf("train.sizes", [1, 2], origin)),
        heads=(Head("train", (origin,)),),
        choices=(Choice("db", "db", "db", ("mysql",), ("mysql", "sqlite"), "jobs/job_a/a"),),
        problems=(Problem("warning", "odd", "this is odd"),),
    )


def result(request: Any) -> Any:
    """The answer to a request."""
    if isinstance(request, OpenProject):
        if "missing" in request.path:
            raise FileNotFoundError(request.path)
        root = request.path if os.path.basename(request.path) == "other" else ROOT
        return Project(root, "sample", (ROOT,), TREE, JOBS[0].file, sys.executable)
    if isinstance(request, Compose):
        text = " ".join(request.selection.overrides)
        if "die" in text and not os.path.exists(f"{ROOT}/died"):
            open(f"{ROOT}/died", "w").close()
            print("a last word", file=sys.stderr, flush=True)
            os._exit(3)
        if "always" in text:
            os._exit(4)
        if "hang" in text:
            time.sleep(60)
        return composed(request.selection)
    if isinstance(request, CheckSelection):
        wrong = Problem("error", "no-class", "there is no such class", key="train.model._target_")
        odd = msgspec.structs.replace(wrong, severity="warning")
        return (*composed(request.selection).problems, wrong if os.path.exists(f"{ROOT}/doubtful") else odd)
    if isinstance(request, StartRun):
        return RunState("r2", "second", "queued", request.selection.job, created=2.0)
    if isinstance(request, RepeatRuns):
        return RunState("r2", "second", "queued", JOBS[1].file, created=2.0)
    if isinstance(request, RunSelection):
        return PastSelection(Selection(JOBS[1].file, ("x=1",)), "")
    if isinstance(request, NameRun):
        return RunState(request.run, request.name, "running", JOBS[0].file, created=1.0)
    if isinstance(request, PlanSave):
        file = request.target or request.selection.job
        change = FileChange(file, None if request.target else "a: 1\n", "a: 2\n")
        return FilePlan("Save into a.yaml", (change,), Selection(file))
    if isinstance(request, WriteFiles):
        return Written(request.changes)
    if isinstance(request, Export):
        return Exported(f"as {request.to}", request.file, "d")
    if isinstance(request, ListFolder):
        folder, _, name = request.path.rpartition("/")
        return Listing(folder, file=name, exists=os.path.isfile(request.path))
    if isinstance(request, StartTrial) and request.trial.title == "nothing":
        raise FileNotFoundError("nothing to try")
    if isinstance(request, AskTrust | SetTrust):
        trusted = os.path.exists(f"{ROOT}/trusted") or request == SetTrust(True)
        return Trust(ROOT, trusted, () if trusted else FOREIGN)
    lists = {
        ListRuns: (RunState("r1", "first", "running", JOBS[0].file, created=1.0),),
        ListExperiments: (Experiment(f"{ROOT}/e", "CLB-1", 1.0, "succeeded", JOBS[0].file, metrics={"test.f1": 0.98}),),
        Reference: OpReference((), ()),
        ReadLoggers: LOGGERS,
        Scan: TREE,
    }
    return lists.get(type(request), Nothing())


def main() -> None:
    """Answers until stdin ends."""
    reader = FrameReader()
    sys.stdout.buffer.write(own().line)
    sys.stdout.buffer.flush()
    while data := os.read(0, 65536):
        for message in reader.feed(data):
            assert isinstance(message, Call)
            try:
                answer = Answer(message.id, msgspec.Raw(msgspec.msgpack.encode(result(message.request))))
            except FileNotFoundError as error:
                answer = Answer(message.id, error=ErrorInfo(f"no such folder: {error}", details="a trace"))
            send(answer)
            if isinstance(message.request, StartTrial) and "slow" not in message.request.trial.title:
                send(Notice(TrialRows(message.request.id, TRIED, STATE)))
            if isinstance(message.request, WatchRun):
                row = msgspec.structs.replace(metrics("batch", 1, 1, {"loss": 0.5}), seq=message.request.after + 1)
                send(Notice(RunRows(message.request.run, gather([row]))))


main()
