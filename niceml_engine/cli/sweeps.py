"""`niceml-engine expand`: the runs that overrides with several values stand for."""

from __future__ import annotations

from niceml_engine.cli import common
from niceml_engine.cli.drawing import to_json
from niceml_engine.cli.selecting import JobWords


@common.taking(JobWords)
def expand(words: JobWords, format: common.Format = "text") -> None:
    """List the runs that overrides such as rate=1e-3,1e-4 make."""
    common.one_of(format)
    composer, selection = words.select()
    from niceml_engine.config.compose.sweeps import expand as expand_sweep
    from niceml_engine.config.compose.sweeps import with_params

    selection = with_params(composer, selection)
    found = expand_sweep(composer, selection)
    if format == "json":
        print(to_json([list(run) for run in found.runs]))
        return
    if not found.swept:
        print("1 run: no override names several values")
        return
    keys = [selection.overrides[place].partition("=")[0] for place in found.swept]
    rows = [["run", *keys]]
    for number, run in enumerate(found.runs, 1):
        rows.append([str(number), *(run[place].partition("=")[2] for place in found.swept)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
