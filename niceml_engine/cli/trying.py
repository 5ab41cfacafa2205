"""`niceml-engine try`: seconds instead of a failed night."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from niceml_engine.cli import common
from niceml_engine.cli.drawing import to_json
from niceml_engine.cli.files import find_option
from niceml_engine.cli.runs import EXIT
from niceml_engine.cli.selecting import JobWords, find_job
from niceml_engine.cli.trusting import Trusting, start
from niceml_engine.errors import NicemlError, ProjectError
from niceml_engine.events import Tried
from niceml_engine.values import Composed, RunSettings, RunState, Trial

if TYPE_CHECKING:
    from niceml_engine.config.editing.usages import Tree
    from niceml_engine.runs.trial import Attempt

POLL_SECONDS = 0.05


@common.taking(common.Plain)
def try_(
    _: common.Plain,
    what: Annotated[str, typer.Argument(metavar="OPTION|JOB", help="GROUP/OPTION, its file, or a job file.")],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="OVERRIDE", help="In Hydra's grammar; may follow --.")
    ] = None,
    job: Annotated[str, typer.Option("--job", metavar="JOB", help="The job in which the option is tried.")] = "",
    device: Annotated[str, typer.Option(metavar="DEVICE", help="A GPU as in gpu:0; else cpu.")] = "",
    python: Annotated[str, typer.Option(metavar="FILE", help="Interpreter of the worker.")] = "",
    trust: Trusting = False,
    format: common.Format = "text",
) -> None:
    """Make the objects of an option, or run a job on one batch."""
    common.one_of(format)
    root, composed, trial = _chosen(what, tuple(overrides or ()), job, trust)
    from niceml_engine.runs.trial import Attempt

    parts = _parts(composed, trial)
    attempt = start(root, trust, lambda: Attempt(root, composed, trial, RunSettings(python, device)))
    table = _Table(parts, quiet=format == "json")
    try:
        tried, ended = _follow(attempt, table)
    finally:
        attempt.end()
    left = _not_tried(parts, tried) if not trial.keys else []
    if format == "json":
        print(to_json({"status": ended.status, "message": ended.message, "tried": tried, "not_tried": left}))
    for op in left:
        table.row(op, "not tried", "", _why(tried))
    if format != "json" and ended.status != "succeeded" and all(one.status == "succeeded" for one in tried):
        common.print_error(ended.message)
    if any("Interpolation key" in one.message for one in tried) and trial.keys == ("",) and not job:
        common.print_error("alone, it lacks what a job gives it; name a job that uses it with --job")
    raise typer.Exit(EXIT[ended.status])


def _chosen(what: str, overrides: tuple[str, ...], job: str, trust: bool) -> tuple[Path, Composed, Trial]:
    """The project, what is tried in it, and how."""
    from niceml_engine.config.editing.placing import alone, in_job

    option = _option(what, needed=bool(job))
    if option is None:
        return _job(what, overrides, trust)
    tree, file = option
    title = Path(file).stem
    if job:
        composer, selection = JobWords(job=job, overrides=list(overrides), trust=trust).select()
        composed, keys = in_job(composer.compose, tree, file, selection)
        return composer.setting.root, composed, Trial(title, keys)
    if file in tree.jobs:
        return _job(file, overrides, trust)
    return tree.setting.root, alone(tree, file, overrides), Trial(title, ("",))


def _option(what: str, needed: bool) -> tuple[Tree, str] | None:
    """The option that is meant; none where it can only be a job from elsewhere."""
    try:
        return find_option(what)
    except NicemlError as error:
        if needed:
            raise
        try:
            find_job(what)
        except ProjectError:
            raise error from None
        return None


def _job(what: str, overrides: tuple[str, ...], trust: bool) -> tuple[Path, Composed, Trial]:
    composer, composed = JobWords(job=what, overrides=list(overrides), trust=trust).compose()
    return composer.setting.root, composed, Trial(Path(what).stem, () if composed.dagster_job else ("",))


def _parts(composed: Composed, trial: Trial) -> list[str]:
    """The parts that will be tried: a job's ops, or the objects that are made and what is imported for them."""
    if not trial.keys:
        from niceml_engine.jobs.declaration import JOBS

        return [op for spec in JOBS if spec.name == composed.dagster_job for op in spec.ops]
    from niceml_engine.jobs.composed import parse
    from niceml_engine.jobs.objects import objects_in, title

    config = parse(composed.yaml)
    return [title(base, key) for base in trial.keys for key in objects_in(config, base) or [base]]


def _not_tried(ops: list[str], tried: list[Tried]) -> list[str]:
    """The ops that come after one that failed, which ends the job."""
    done = {one.name for one in tried}
    return [op for op in ops if op not in done]


def _why(tried: list[Tried]) -> str:
    """Why the rest was not tried, with the place that is to blame."""
    failed = next((one for one in tried if one.status != "succeeded"), None)
    if failed is None:
        return "the job ended before"
    return f"{failed.name} {failed.status}" + (f" at {failed.place}" if failed.place else "")


class _Table:
    """Prints what came of each part as soon as it is known, in columns that are as wide as they need to be.

    Args:
        parts: What will be tried.
        quiet: Whether nothing is printed.
    """

    def __init__(self, parts: list[str], *, quiet: bool) -> None:
        self._width = max(map(len, (*parts, "import")))
        self._begun, self._quiet = False, quiet

    def row(self, part: str, result: str, time: str, said: str) -> None:
        """Prints a row, the first below the names of the columns."""
        if self._quiet:
            return
        rows = [] if self._begun else [("part", "result", "time", "what came out")]
        for one, other, third, last in (*rows, (part, result, time, said)):
            print(f"{one:<{self._width}}  {other:<9}  {third:>7}  {last}".rstrip(), flush=True)
        self._begun = True


def _follow(attempt: Attempt, table: _Table) -> tuple[list[Tried], RunState]:
    """Waits for the end, and shows what came of each part as soon as it is known."""
    tried: list[Tried] = []
    waited = threading.Event()
    while True:
        events, ended = attempt.look()
        for event in events:
            if isinstance(event, Tried):
                tried.append(event)
                table.row(*_told(event))
        if ended is not None:
            return tried, ended
        waited.wait(POLL_SECONDS)


def _told(tried: Tried) -> tuple[str, str, str, str]:
    """The row of a part."""
    word = "ok" if tried.status == "succeeded" else tried.status
    said = " · ".join(part for part in (tried.made, *tried.found) if part)
    if tried.status != "succeeded":
        said = f"{tried.place}: {tried.message}" if tried.place else tried.message
    return tried.name, word, f"{tried.seconds:.1f} s", said
