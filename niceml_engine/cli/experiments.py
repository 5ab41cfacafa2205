"""`niceml-engine experiments`: find past experiments again."""

from __future__ import annotations

import time
from typing import Annotated

import msgspec
import typer

from niceml_engine.cli import common
from niceml_engine.store.location import Location

app = typer.Typer(no_args_is_help=True)
HEADLINE = "test."  #: the subset whose metrics stand in the list

Place = Annotated[str, typer.Option("--location", help="Folder or URL; else EXPERIMENT_URI.")]
Credentials = Annotated[
    list[str] | None, typer.Option("--option", help="Storage option of the location, as KEY=VALUE; repeatable.")
]


@app.command(name="list")
def list_(
    location: Place = "",
    option: Credentials = None,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",
    verbose: common.Verbose = False,
) -> None:
    """List experiments, newest first."""
    from niceml_engine.store.experiments import list_experiments

    with common.errors(verbose):
        found = list_experiments(_location(location, option))
    if format == "json":
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    width = max((len(experiment.name) for experiment in found), default=0)
    for experiment in found:
        created = time.strftime("%Y-%m-%d %H:%M", time.localtime(experiment.created))
        metrics = "  ".join(
            f"{name.removeprefix(HEADLINE)} {value:.4g}"
            for name, value in experiment.metrics.items()
            if value is not None and name.startswith(HEADLINE)
        )
        print(f"{experiment.name:<{width}}  {created}  {experiment.status or '–':<9}  {metrics}".rstrip())


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="The experiment's name, or the end of it.")],
    location: Place = "",
    option: Credentials = None,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",
    verbose: common.Verbose = False,
) -> None:
    """Show one experiment: what is known of it and which files it has."""
    from niceml_engine.errors import StoreError
    from niceml_engine.store.experiment import ExperimentFolder
    from niceml_engine.store.experiments import list_experiments

    with common.errors(verbose):
        place = _location(location, option)
        found = [entry for entry in list_experiments(place) if entry.name == name or entry.name.endswith(name)]
        if len(found) != 1:
            raise StoreError(f"{len(found)} experiments match {name!r}; see `niceml-engine experiments list`")
        files = ExperimentFolder(place / found[0].name).files()
    if format == "json":
        print(msgspec.json.format(msgspec.json.encode({**msgspec.to_builtins(found[0]), "files": files})).decode())
        return
    for key, value in msgspec.to_builtins(found[0]).items():
        if key == "metrics":
            for metric, number in value.items():
                print(f"{metric:<28} {number}")
        elif key == "created":
            print(f"{key:<12} {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(value))}")
        else:
            print(f"{key:<12} {value}")
    print("\n".join(files))


def _location(uri: str, options: list[str] | None) -> Location:
    import os
    from pathlib import Path

    from niceml_engine.config.project import find_root, load_env

    root = find_root(Path.cwd())
    load_env(root)
    pairs = [option.partition("=") for option in options or []]
    uri = uri or os.environ.get("EXPERIMENT_URI", "./experiment_outputs")
    return Location.of({"uri": uri, "credentials": {key: value for key, _, value in pairs}}, root)
