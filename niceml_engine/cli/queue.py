"""`niceml-engine runs`: the list of runs, without a window."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from niceml_engine.cli import common
from niceml_engine.errors import RunError
from niceml_engine.runs.folder import RunFolder, all_runs
from niceml_engine.values import ENDED

app = typer.Typer(no_args_is_help=True)

Run = Annotated[str, typer.Argument(help="The run's id, or the end of it.")]


@app.command(name="list")
def list_(format: Annotated[str, typer.Option(help="text or json.")] = "text", verbose: common.Verbose = False) -> None:
    """List the project's runs, newest first."""
    with common.errors(verbose):
        states = [run.state() for run in reversed(all_runs(_root()))]
    if format == "json":
        print(msgspec.json.format(msgspec.json.encode(states)).decode())
        return
    for state in states:
        created = time.strftime("%Y-%m-%d %H:%M", time.localtime(state.created))
        print(
            f"{state.id}  {created}  {state.status:<9}  {state.name or Path(state.job).stem}  {state.message}".rstrip()
        )


@app.command()
def stop(run: Run, verbose: common.Verbose = False) -> None:
    """Ask a run to stop, or take it out of the queue; what was saved is kept."""
    with common.errors(verbose):
        _find(run).ask_to_stop()


@app.command()
def name(run: Run, name: str, verbose: common.Verbose = False) -> None:
    """Give a run a name."""
    with common.errors(verbose):
        _find(run).set_name(name)


@app.command()
def delete(run: Run, verbose: common.Verbose = False) -> None:
    """Delete a run that has ended; its experiment stays."""
    with common.errors(verbose):
        found = _find(run)
        if found.state().status not in ENDED:
            raise RunError("it has not ended; stop it first")
        found.delete()


def _root() -> Path:
    from niceml_engine.config.project import find_root

    return find_root(Path.cwd())


def _find(run: str) -> RunFolder:
    found = [known for known in all_runs(_root()) if known.id.endswith(run)]
    if len(found) != 1:
        raise RunError(f"{len(found)} runs match {run!r}; see `niceml-engine runs list`")
    return found[0]
