"""`niceml-engine runs`: the list of runs, without a window."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from niceml_engine.cli import common
from niceml_engine.cli.drawing import to_json
from niceml_engine.config.projects.project import find_root
from niceml_engine.errors import RunError
from niceml_engine.runs.folder import RunFolder, all_runs
from niceml_engine.values import ENDED

app = typer.Typer(no_args_is_help=True)

Run = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or the end of it.")]


@app.command(name="list")
@common.taking(common.Plain)
def list_(_: common.Plain, format: common.Format = "text") -> None:
    """List the project's runs, newest first."""
    common.one_of(format)
    states = [run.state() for run in reversed(all_runs(_root()))]
    if format == "json":
        print(to_json(states))
        return
    for state in states:
        created = time.strftime("%Y-%m-%d %H:%M", time.localtime(state.created))
        name = state.name or Path(state.job).stem
        group = f"  [{state.group}]" if state.group else ""
        print(f"{state.id}  {created}  {state.status:<9}  {name}{group}  {state.message}".rstrip())


@app.command()
@common.taking(common.Plain)
def stop(_: common.Plain, run: Run) -> None:
    """Stop a run, or take it out of the queue; what was saved is kept."""
    _find(run).ask_to_stop()


@app.command()
@common.taking(common.Plain)
def name(_: common.Plain, run: Run, name: Annotated[str, typer.Argument(metavar="NAME", help="Any text.")]) -> None:
    """Give a run a name."""
    _find(run).set_name(name)


@app.command()
@common.taking(common.Plain)
def delete(_: common.Plain, run: Run) -> None:
    """Delete a run that has ended; its experiment stays."""
    found = _find(run)
    if found.state().status not in ENDED:
        raise RunError("it has not ended; stop it first")
    found.delete()


def _root() -> Path:
    return find_root(Path.cwd())


def _find(run: str) -> RunFolder:
    found = [known for known in all_runs(_root()) if known.id.endswith(run)]
    if len(found) != 1:
        raise RunError(f"{len(found)} runs match {run!r}; see `niceml-engine runs list`")
    return found[0]
