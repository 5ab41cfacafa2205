"""Jobs that really run, in Dagster and TensorFlow, on a few handwritten digits."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from dagster import DagsterInstance, DagsterRun
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from niceml_engine.events import Event, Metrics, OpEnded
from niceml_engine.jobs.execute import execute
from niceml_engine.runs.dagster_home import open_instance
from niceml_engine.runs.stream import StreamReader, StreamWriter
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location
from niceml_engine.values import RunStatus
from tests.conftest import REPOSITORY
from tests.engine.digits import write_digits

JOB = REPOSITORY / "configs/jobs/job_train/job_train_cls/job_train_cls_binary_handwritten.yaml"


@dataclass
class Bench:
    """A project folder in which jobs are run, and what they did."""

    root: Path
    instance: DagsterInstance
    status: RunStatus = "queued"
    dagster_run: str = ""
    events: list[Event] = field(default_factory=list)

    def run(self, *overrides: str, stop_at_step: int = 0) -> Bench:
        """Runs the handwritten job with overrides; optionally asks it to stop after a step."""
        stream = self.root / "events.jsonl"
        stream.unlink(missing_ok=True)
        writer = StreamWriter(stream)
        with initialize_config_dir(str(JOB.parent), version_base="1.3"):
            config = compose(JOB.stem, [*overrides, f"hydra.searchpath=['file://{REPOSITORY}/configs']"])

        def emit(event: Event) -> None:
            writer.emit(event)
            if isinstance(event, Metrics) and event.step == stop_at_step and event.level == "batch":
                self.instance.report_run_canceling(self.run_in_dagster)
                signal.raise_signal(signal.SIGINT)

        def started(run: str) -> None:
            self.dagster_run = run

        self.status = execute(
            OmegaConf.to_yaml(config),
            "job_train",
            emit=emit,
            set_op=lambda name: setattr(writer, "op", name),
            on_run=started,
            instance=self.instance,
            tags={"niceml/run": "r1"},
            run_info={"short_id": "k3x9", "id": "r1", "job": str(JOB), "overrides": list(overrides)},
        )
        writer.close()
        self.events = StreamReader(stream).read()
        return self

    @property
    def run_in_dagster(self) -> DagsterRun:
        run = self.instance.get_run_by_id(self.dagster_run)
        assert run is not None
        return run

    @property
    def experiment(self) -> ExperimentFolder:
        (folder,) = (self.root / "experiments").iterdir()
        return ExperimentFolder(Location(str(folder)))

    @property
    def ended(self) -> OpEnded:
        """How the last op ended."""
        return [event for event in self.events if isinstance(event, OpEnded)][-1]


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data location with few small digits of classes 3 and 8, and one of class 5."""
    root = tmp_path_factory.mktemp("few")
    write_digits(root / "digits_handwritten_split", (3, 8), per_class=20)
    write_digits(root / "digits_handwritten_split", (5,), per_class=10)
    return root


@pytest.fixture(scope="session")
def all_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data location with every scanned 3 and 8."""
    root = tmp_path_factory.mktemp("all")
    write_digits(root / "digits_handwritten_split", (3, 8))
    return root


@pytest.fixture(scope="module")
def make_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Bench]]:
    """Makes a project folder that reads from a data location; one train of few small steps, if nothing overrides it."""
    instances: list[DagsterInstance] = []
    with pytest.MonkeyPatch.context() as patch:

        def make(data: Path) -> Bench:
            root = tmp_path_factory.mktemp("project")
            patch.setenv("DAGSTER_HOME", "")
            patch.setenv("DATA_URI", str(data))
            patch.setenv("EXPERIMENT_URI", str(root / "experiments"))
            patch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
            patch.chdir(root)
            patch.syspath_prepend(str(root))
            instances.append(open_instance(root))
            return Bench(root, instances[-1])

        yield make
    for instance in instances:
        instance.dispose()
