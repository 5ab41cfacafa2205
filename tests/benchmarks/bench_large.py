"""Composing projects as large as they come: long lists, long defaults lists, many files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.values import Selection
from tests.benchmarks.report import Measured, Row, Table
from tests.benchmarks.sample import Sample
from tests.benchmarks.timing import timed_in_turn
from tests.engine.config.reference import ask_hydra
from tests.engine.large import project_of_entries, project_of_files, project_of_lists

RUNS = 10
THEIRS = 1  #: of Hydra's compositions, which take seconds
FASTER = 5
HYDRA = "hydra.compose of the same"
Edit = Callable[[int], tuple[str, ...]]  #: the overrides of a round


def measure(sample: Sample) -> Table:
    """Changes a value, and then a choice, of each project."""
    rows: list[Row] = []
    with TemporaryDirectory(prefix="niceml-large-") as folder:
        root = Path(folder)
        for job, name, value, choice in (
            (
                project_of_files(root / "files"),
                "300 files, 5,109 leaves",
                lambda number: (f"value_0={number}",),
                lambda number: (f"shared@part_2.common=shared_{number % 5}", f"value_0={number}"),
            ),
            *(
                (
                    project_of_lists(root / f"lists_{leaves}", leaves),
                    f"{leaves:,} leaves in a few long lists",
                    lambda number: (f"epochs={number}",),
                    lambda number: (f"model={('small', 'large')[number % 2]}", f"epochs={number}"),
                )
                for leaves in (16_000, 28_000)
            ),
            (
                project_of_entries(root / "entries", 500, "part@parts.p{0}: p{0}"),
                "a defaults list of 500 entries",
                lambda number: (f"k={number}",),
                lambda number: (f"part@parts.p{(number * 167 + 60) % 500:03d}=p001",),
            ),
        ):
            for what, edit in (("a value edited", value), ("an option chosen as never before", choice)):
                ours, theirs = _timed(job, edit)
                rows.append(Row(f"{name}: {what}", ours, HYDRA, theirs, faster=FASTER))
    return Table(
        "large: projects as large as they come",
        rows,
        "in one process, after two rounds of ours that are not counted; medians, of Hydra one composition",
    )


def _timed(job: Path, edit: Edit) -> tuple[Measured, Measured]:
    composer = Composer(Setting(job.parent))

    def ours(number: int) -> None:
        found = composer.compose(Selection(str(job), edit(number)))
        if found.error is not None:
            raise SystemExit(found.error.message)

    def theirs(number: int) -> None:
        found = ask_hydra(job, edit(number), job.parent, with_defaults=False)
        if found.config is None:
            raise SystemExit(found.error)

    return timed_in_turn(ours, theirs, RUNS, others=THEIRS)
