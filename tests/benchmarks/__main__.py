"""Prints the tables: `python -m tests.benchmarks [NAME…]`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.benchmarks.report import Table, machine, others_busy
from tests.benchmarks.sample import Sample

NAMES = ("data", "job", "window", "compose", "large", "workspace", "live", "plots", "compare", "log", "train")


def main() -> None:
    """Measures what was asked for, by default everything, one after the other."""
    parser = argparse.ArgumentParser("python -m tests.benchmarks", description="Print benchmark tables.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all if none is given")
    names = parser.parse_args().names or NAMES
    unknown = ", ".join(sorted(set(names) - set(NAMES)))
    if unknown:
        parser.error(f"there is no benchmark {unknown}; there are {', '.join(NAMES)}")
    begin = perf_counter()
    print(machine(), flush=True)
    met: list[bool] = []
    with TemporaryDirectory(prefix="niceml-bench-") as folder:
        sample = Sample(Path(folder))
        for name in names:
            measure: Callable[[Sample], Table] = import_module(f"tests.benchmarks.bench_{name}").measure
            quiet, start = others_busy(), perf_counter()
            table = measure(sample)
            print(f"\n{table}\n({quiet}; measured in {perf_counter() - start:.0f} s)", flush=True)
            met += [row.met for row in table.rows if row.met is not None]
    print(f"\n{sum(met)} of {len(met)} goals met, in {perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
