"""The Compose workspace: from an edit to the screen, and projects as large as they come."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from hydra import compose, initialize_config_dir

from tests.benchmarks.report import Measured, Row, Table
from tests.benchmarks.sample import Sample
from tests.engine.large import large_project
from tests.engine.projects import TRAIN

PLAIN = "hydra.compose"
FILES = 10_000


def measure(sample: Sample) -> Table:
    """Works in the window on the sample project, a large job, and a tree of many files."""
    found = sample.probe("probe_workspace", str(sample.root), str(sample.root / TRAIN), "sample")
    switched, edited = _plain(sample.root, sample.root / TRAIN)
    with TemporaryDirectory(prefix="niceml-large-") as folder:
        job = large_project(Path(folder) / "large")
        large = sample.probe("probe_workspace", str(job.parents[1]), str(job), "large")
        tree_job = _many_files(Path(folder) / "tree")
        tree = sample.probe("probe_workspace", str(tree_job.parents[1]), str(tree_job), "tree")

    def of(name: str, among: dict[str, list[float]] = found) -> Measured:
        values = among[name]
        return Measured(tuple(values) if isinstance(values, list) else (values,), "ms")

    return Table(
        "compose workspace: from a change to the painted text",
        [
            Row("a choice never made before, composed", of("choice never made before composed"), PLAIN, switched, 50),
            Row("the same, on screen", of("choice never made before on screen"), PLAIN, switched, 100),
            Row("a choice made before, composed", of("choice made before composed"), PLAIN, switched, 50),
            Row("the same, on screen", of("choice made before on screen"), PLAIN, switched, 100),
            Row("a value edited, composed", of("value composed"), PLAIN, edited, 10),
            Row("the same, on screen", of("value on screen"), PLAIN, edited, 33),
            Row("largest gap of the event loop meanwhile", of("gap"), goal=100),
            Row(
                f"{large['files']:.0f} files, {large['leaves']:.0f} leaves: a value on screen",
                of("value on screen", large),
            ),
            Row("the same: largest gap while opening", of("opening gap", large), goal=100),
            Row("the same: largest gap while editing", of("editing gap", large), goal=100),
            *(
                Row(f"the same: slowest frame while the {name} scrolls", _slowest(large[f"{name} frame"]), goal=50)
                for name in ("composed", "graph", "tree")
            ),
            *(
                Row(f"the same: slowest frame {what}", _slowest(large[f"{name} frame"]), goal=50)
                for name, what in (
                    ("unfolding", "as all files are laid out and drawn"),
                    ("zooming", "while the graph is zoomed"),
                    ("selecting", "while its files are selected"),
                    ("merge", "while the merge is played"),
                )
            ),
            Row(f"a tree of {FILES:,} files opened and drawn", Measured((tree["opened"],)), goal=2.0),
            Row("the same: a key typed into the filter", of("key", tree), goal=50),
            Row("the same: largest gap meanwhile", of("gap", tree), goal=100),
        ],
        "the real window and service on Qt's offscreen platform, up and at rest before the project is opened; on "
        "screen: from the call to the end of the painting; "
        "medians; Hydra's own composition of the same overrides in this process, with its caches warm",
    )


def _slowest(values: list[float]) -> Measured:
    return Measured((max(values),), "ms")


def _plain(root: Path, job: Path) -> tuple[Measured, Measured]:
    """Hydra's own time for a switched choice and for an edited value."""
    choice, value = [], []
    with chdir(root), initialize_config_dir(str(job.parent), version_base="1.1"):
        for number in range(6):
            for overrides, times in (
                ([f"ops/train/train_params@ops.train.config.train_params=trainparams_{_name(number)}"], choice),
                ([f"ops.train.config.train_params.epochs={100 + number}"], value),
            ):
                begin = perf_counter()
                compose(job.stem, overrides)
                times.append((perf_counter() - begin) * 1000.0)
    return Measured(tuple(choice), "ms"), Measured(tuple(value), "ms")


def _name(number: int) -> str:
    return ("long", "smoke", "default")[number % 3]


def _many_files(root: Path) -> Path:
    for number in range(FILES):
        group = root / "configs" / f"group_{number // 100}" / f"part_{number // 20 % 5}"
        if number % 20 == 0:
            group.mkdir(parents=True)
        (group / f"option_{number}.yaml").write_text(f"# option {number}\nvalue: {number}\n", encoding="utf-8")
    job = root / "configs" / "main.yaml"
    entries = "".join(f"  - group_{number}/part_0: option_{number * 100}\n" for number in range(5))
    job.write_text(f"defaults:\n{entries}  - _self_\ntrain: 1\n", encoding="utf-8")
    return job
