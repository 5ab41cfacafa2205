"""Start and memory of the window."""

from __future__ import annotations

from tests.benchmarks.report import Measured, Row, Table
from tests.benchmarks.sample import Sample

RUNS = 5
BARE = "bare QMainWindow"


def measure(sample: Sample) -> Table:
    """Starts the bare window, the empty one and the one with the sample project in turn."""
    sample.need_run()
    bare, empty, full = [], [], []
    for _ in range(RUNS):
        bare.append(sample.probe("probe_bare"))
        empty.append(sample.probe("probe_window"))
        full.append(sample.probe("probe_window", str(sample.root)))

    def of(found: list[dict[str, float]], name: str, unit: str = "s") -> Measured:
        return Measured(tuple(one[name] for one in found), unit)

    least, least_memory = of(bare, "painted"), of(bare, "memory", "MB")
    return Table(
        "window: from the start of the process, and resident memory",
        [
            Row("empty window painted", of(empty, "painted"), BARE, least, 1.5),
            Row("sample project: window painted", of(full, "painted"), BARE, least, 1.5),
            Row("sample project: composed and drawn, at rest", of(full, "interactive"), BARE, least, 2.0),
            Row("memory, empty window", of(empty, "memory_end", "MB"), BARE, least_memory, 250),
            Row("memory, sample project, Compose only", of(full, "memory", "MB"), BARE, least_memory, 250),
            Row("memory, with Runs and Experiments built", of(full, "memory_all", "MB"), BARE, least_memory, 250),
            Row("memory, with a run and its charts shown", of(full, "memory_end", "MB"), BARE, least_memory, 250),
        ],
        "niceml_gui.app.main on Qt's offscreen platform with the real service, from just before the process starts; "
        "painted: all of it; at rest: composed, op cards there, and then no pause of the event loop > 12 ms for 50 ms; "
        "in turn with the bare window, medians",
        [
            f"The composed config was there after {of(full, 'composed')}; "
            f"the window's process had used {of(full, 'cpu')} of CPU time when at rest."
        ],
    )
