"""The Compose workspace: from an edit to the screen, and projects as large as they come."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from tests.benchmarks.report import Measured, Row, Table
from tests.benchmarks.sample import Sample
from tests.engine.config.reference import ask_hydra
from tests.engine.large import project_of_files, project_of_lists
from tests.engine.projects import TRAIN

PLAIN = "hydra.compose"
RUNS = 3  #: windows for each project
FILES, LEAVES = 10_000, 28_000
Found = dict[str, list[tuple[float, float]]]  #: wall and CPU time of the window's thread, in milliseconds, by name


def measure(sample: Sample) -> Table:
    """Works in the window on the sample project, a large job, long lists, and a tree of many files."""
    switched, edited = _plain(sample.root, sample.root / TRAIN)
    with TemporaryDirectory(prefix="niceml-large-") as folder:
        root = Path(folder)
        jobs = {
            "sample": sample.root / TRAIN,
            "large": project_of_files(root / "large/configs"),
            "lists": project_of_lists(root / "lists/configs", LEAVES),
            "tree": _many_files(root / "tree/configs"),
        }
        found = {kind: _probed(sample, job, kind) for kind, job in jobs.items()}

    def of(kind: str, name: str, unit: str = "ms") -> Measured:
        per = 1000.0 if unit == "s" else 1.0
        times = [time for one in found[kind] for time in one[name]]
        spent = tuple(cpu / per for _, cpu in times)
        return Measured(tuple(wall / per for wall, _ in times), unit, spent if any(spent) else ())

    def slowest(kind: str, name: str) -> Measured:
        worst = [tuple(map(max, zip(*one[f"{name} frame"], strict=True))) for one in found[kind]]
        return Measured(tuple(wall for wall, _ in worst), "ms", tuple(cpu for _, cpu in worst))

    return Table(
        "compose workspace: from a change to the painted text",
        [
            *(
                row
                for what in ("choice never made before", "choice made before")
                for row in (
                    Row(f"a {what}, composed", of("sample", f"{what} composed"), PLAIN, switched, 50, faster=3),
                    Row("the same, on screen", of("sample", f"{what} on screen"), PLAIN, switched, 100),
                )
            ),
            Row("a value edited, composed", of("sample", "value composed"), PLAIN, edited, 10, faster=10),
            Row("the same, on screen", of("sample", "value on screen"), PLAIN, edited, 33),
            Row("largest gap of the event loop while opening", of("sample", "opening gap"), goal=100),
            Row("largest gap while working", of("sample", "gap"), goal=100),
            Row("300 files, 5,109 leaves: opened and drawn", of("large", "opened", "s")),
            Row("the same: largest gap meanwhile", of("large", "opening gap"), goal=100),
            Row("the same: a value composed", of("large", "value composed")),
            Row("the same: a value on screen", of("large", "value on screen")),
            Row("the same: largest gap while editing", of("large", "editing gap"), goal=100),
            *(
                Row(f"the same: slowest frame {what}", slowest("large", name), goal=50)
                for name, what in (
                    ("composed", "while the composed text scrolls"),
                    ("tree", "while the tree scrolls"),
                    ("graph", "while the graph scrolls"),
                    ("unfolding", "as all files are laid out and drawn"),
                    ("zooming", "while the graph is zoomed"),
                    ("selecting", "while its files are selected"),
                    ("merge", "while the merge is played"),
                    ("card", "while a card with all of its values scrolls"),
                )
            ),
            Row("the same: a value on screen beside such a card", of("large", "card value on screen")),
            Row("the same: largest gap meanwhile", of("large", "card gap"), goal=100),
            Row(f"{LEAVES:,} leaves in two lists: opened and drawn", of("lists", "opened", "s")),
            Row("the same: largest gap meanwhile", of("lists", "opening gap"), goal=100),
            Row("the same: a value on screen", of("lists", "value on screen")),
            Row("the same: largest gap while editing", of("lists", "editing gap"), goal=100),
            Row("the same: slowest frame while the text scrolls", slowest("lists", "composed"), goal=50),
            Row(f"a tree of {FILES:,} files opened and drawn", of("tree", "opened", "s"), goal=2),
            Row("the same: largest gap meanwhile", of("tree", "opening gap"), goal=100),
            Row("the same: a key typed into the filter", of("tree", "key"), goal=50),
            Row("the same: largest gap while typing", of("tree", "gap"), goal=100),
        ],
        f"the real window and service on Qt's offscreen platform, in {RUNS} windows each, up and at rest before the "
        "project is opened; on screen: from the call to the end of the painting; medians; CPU: of the window's thread; "
        "Hydra's own composition of the same overrides in this process, with its caches warm",
    )


def _probed(sample: Sample, job: Path, kind: str) -> list[Found]:
    root = sample.root if kind == "sample" else job.parents[1]
    found: list[Any] = [sample.probe("probe_workspace", str(root), str(job), kind) for _ in range(RUNS)]
    return found


def _plain(root: Path, job: Path) -> tuple[Measured, Measured]:
    """Hydra's own time for a switched choice and for an edited value."""
    found: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    with chdir(root):
        for number in range(6):
            for override, times in (
                (f"ops/train/train_params@ops.train.config.train_params=trainparams_{_name(number)}", found[0]),
                (f"ops.train.config.train_params.epochs={100 + number}", found[1]),
            ):
                wall, cpu = perf_counter(), process_time()
                ask_hydra(job, [override], root, with_defaults=False)
                times.append(((perf_counter() - wall) * 1000.0, (process_time() - cpu) * 1000.0))
    switched, edited = (
        Measured(tuple(wall for wall, _ in times), "ms", tuple(cpu for _, cpu in times)) for times in found
    )
    return switched, edited


def _name(number: int) -> str:
    return ("long", "smoke", "default")[number % 3]


def _many_files(configs: Path) -> Path:
    for number in range(FILES):
        group = configs / f"group_{number // 100}" / f"part_{number // 20 % 5}"
        if number % 20 == 0:
            group.mkdir(parents=True)
        (group / f"option_{number}.yaml").write_text(f"# option {number}\nvalue: {number}\n", encoding="utf-8")
    job = configs / "main.yaml"
    entries = "".join(f"  - group_{number}/part_0: option_{number * 100}\n" for number in range(5))
    job.write_text(f"defaults:\n{entries}  - _self_\ntrain: 1\n", encoding="utf-8")
    return job
