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

    attempt = start(root, trust, lambda: Attempt(root, composed, trial, RunSettings(python, device)))
    try:
        tried, ended = _follow(attempt, quiet=format == "json")
    finally:
        attempt.end()
    if format == "json":
        print(to_json({"status": ended.status, "message": ended.message, "tried": tried}))
    elif ended.status != "succeeded" and all(one.status == "succeeded" for one in tried):
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


def _follow(attempt: Attempt, quiet: bool) -> tuple[list[Tried], RunState]:
    """Waits for the end, and shows what came of each part as soon as it is known."""
    tried: list[Tried] = []
    waited = threading.Event()
    while True:
        events, ended = attempt.look()
        for event in events:
            if isinstance(event, Tried):
                tried.append(event)
                if not quiet:
                    print(_line(event), flush=True)
        if ended is not None:
            return tried, ended
        waited.wait(POLL_SECONDS)


def _line(tried: Tried) -> str:
    word = "ok" if tried.status == "succeeded" else tried.status
    said = " · ".join(part for part in (tried.made, *tried.found) if part)
    if tried.status != "succeeded":
        said = f"{tried.place}: {tried.message}" if tried.place else tried.message
    return f"{tried.name:<22}  {word:<6}  {tried.seconds:5.1f} s  {said}".rstrip()
