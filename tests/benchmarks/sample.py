"""A project to measure in: the bundled configs in a folder of its own, with 60 generated scenes, made when needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from time import perf_counter
from typing import Any

from niceml_engine.events import Event
from niceml_engine.runs.folder import all_runs
from niceml_engine.runs.stream import StreamReader
from tests.engine.projects import GENERATION, TRAIN, copy_project

CLI = str(Path(sys.executable).with_name("niceml-engine"))
REPOSITORY = Path(__file__).parents[2]
SCENES = 60
#: What a person may have set, and what would change what is measured.
FOREIGN = ("DATA_URI", "EXPERIMENT_URI", "SAMPLE_COUNT", "TRAINING_EPOCHS", "STEPS_PER_EPOCH", "BATCH_SIZE", "SEED")


class Sample:
    """The sample project.

    Args:
        folder: Where everything goes, the program's own state included.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "project"
        self.root.mkdir()
        copy_project(self.root)

    @property
    def job(self) -> Path:
        """The job file of the sample training."""
        return self.root / TRAIN

    def environment(self, **more: str) -> dict[str, str]:
        """What child processes find in their environment."""
        own = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        return own | {
            "NICEML_STATE_DIR": str(self.folder / "state"),
            "QT_QPA_PLATFORM": "offscreen",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "PYTHONPATH": str(REPOSITORY),
            **more,
        }

    def run(self, *command: str, **environment: str) -> float:
        """Runs a command in the project to its end, and returns the seconds that it took.

        Raises:
            SystemExit: It failed.
        """
        begin = perf_counter()
        done = subprocess.run(
            command, cwd=self.root, env=self.environment(**environment), capture_output=True, text=True, check=False
        )
        seconds = perf_counter() - begin
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return seconds

    def generate(self, data: str = "./data") -> float:
        """Generates the scenes with the command line, and returns the seconds that it took."""
        return self.run(CLI, "run", "--trust", GENERATION, SAMPLE_COUNT=str(SCENES), DATA_URI=data)

    def train(self) -> float:
        """Trains three epochs with the command line, and returns the seconds that it took."""
        self.need_data()
        return self.run(CLI, "run", "--trust", TRAIN, TRAINING_EPOCHS="3")

    def need_data(self) -> None:
        """Generates the scenes, unless they are there."""
        if not (self.root / "data" / "numbers_cropped_split").exists():
            self.generate()

    def need_run(self) -> None:
        """Trains once, unless there is a run already."""
        if not any(run.spec().dagster_job == "job_train" for run in all_runs(self.root)):
            self.train()

    def last_events(self) -> list[Event]:
        """The stream of the latest run."""
        return StreamReader(all_runs(self.root)[-1].stream).read()

    def probe(self, module: str, *arguments: str, **environment: str) -> dict[str, Any]:
        """Runs a probe, `tests.benchmarks.<module>`, and returns what it found."""
        result = self.folder / "found.json"
        name = f"tests.benchmarks.{module}"
        self.run(sys.executable, "-m", name, str(time.time()), str(result), *arguments, **environment)
        found: dict[str, Any] = json.loads(result.read_text("utf-8"))
        return found
