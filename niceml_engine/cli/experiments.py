"""`niceml-engine experiments`: find past experiments again."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from niceml_engine.cli import common
from niceml_engine.cli.drawing import to_json
from niceml_engine.cli.trusting import Trusting, start
from niceml_engine.config.projects.project import find_root
from niceml_engine.errors import StoreError
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.experiments import list_experiments
from niceml_engine.store.location import Location
from niceml_engine.values import Experiment, measured

if TYPE_CHECKING:
    from niceml_engine.query.grammar import Query

app = typer.Typer(no_args_is_help=True)
Where = Annotated[str, typer.Option(metavar="QUERY", help="Only these, as in: metric.test.f1 > 0.9 and age < 2d")]
HEADLINE = "test."  #: the subset whose metrics stand in the list


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where experiments lie, and how to show them."""

    location: Annotated[
        str, typer.Option("--location", metavar="FOLDER", help="Folder or URL; else EXPERIMENT_URI.")
    ] = ""
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="KEY=VALUE", help="Storage option of the location; repeatable."),
    ] = None
    format: common.Format = "text"
    trust: Trusting = False
    verbose: common.Verbose = False

    def open(self) -> Location:
        """The location, with the options to reach it.

        Raises:
            TrustError: It is no folder here, and the project is not trusted.
        """
        from niceml_engine.config.projects.env_file import load_env
        from niceml_engine.runs.trust import need_reach

        common.one_of(self.format)
        root = find_root(Path.cwd())
        load_env(root)
        pairs = [option.partition("=") for option in self.option or []]
        uri = self.location or os.environ.get("EXPERIMENT_URI", "./experiment_outputs")
        location = Location.of({"uri": uri, "credentials": {key: value for key, _, value in pairs}}, root)
        return start(root, self.trust, lambda: need_reach(root, location))


@app.command(name="list")
@common.taking(Place)
def list_(place: Place, where: Where = "") -> None:
    """List experiments, newest first."""
    query = common.query(where)
    location = place.open()
    found = list_experiments(location)
    if where:
        found = _matching(query, found, location)
    if place.format == "json":
        print(to_json(found))
        return
    width = max((len(experiment.name) for experiment in found), default=0)
    for experiment in found:
        created = time.strftime("%Y-%m-%d %H:%M", time.localtime(experiment.created))
        metrics = "  ".join(
            f"{name.removeprefix(HEADLINE)} {value:.4g}"
            for name in experiment.metrics
            if name.startswith(HEADLINE) and (value := measured(experiment, name)) is not None
        )
        print(f"{experiment.name:<{width}}  {created}  {experiment.status or '–':<9}  {metrics}".rstrip())


def _matching(query: Query, experiments: tuple[Experiment, ...], location: Location) -> tuple[Experiment, ...]:
    from niceml_engine.query.subjects import NO_LEAVES, ExperimentSubject, Known
    from niceml_engine.runs.index import RunIndex

    leaves = NO_LEAVES
    if query.reads_configs:
        leaves = RunIndex(find_root(Path.cwd())).with_experiments(experiments, location)
    now = time.time()
    metrics = frozenset(name for one in experiments for name in one.metrics)
    common.tell_doubts(query, Known(metrics, leaves))
    return tuple(one for one in experiments if query.holds(ExperimentSubject(one, leaves, now)))


@app.command()
@common.taking(Place)
def show(
    place: Place,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The experiment's name, the end of it, or its folder.")],
) -> None:
    """Show what is known of an experiment, and which files it has."""
    if not place.location and common.is_path(name):
        folder = Path(name).expanduser().absolute()
        if not folder.is_dir():
            raise StoreError(f"{common.shown(str(folder))}: there is no such folder; name an experiment or its folder")
        location = Location.of({"uri": str(folder.parent)}, find_root(Path.cwd()))
        found = [entry for entry in list_experiments(location) if entry.name == folder.name]
    else:
        location = place.open()
        found = [entry for entry in list_experiments(location) if entry.name.endswith(name)]
    if len(found) != 1:
        raise StoreError(f"{len(found)} experiments match {name!r}; see `niceml-engine experiments list`")
    files = ExperimentFolder(location / found[0].name).files()
    if place.format == "json":
        print(to_json({**msgspec.to_builtins(found[0]), "files": files}))
        return
    for key, value in msgspec.to_builtins(found[0]).items():
        if key == "metrics":
            for metric in value:
                number = measured(found[0], metric)
                print(f"{metric:<28} {'–' if number is None else number}")
        elif isinstance(value, dict):
            continue
        elif key == "created":
            print(f"{key:<12} {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(value))}")
        else:
            print(f"{key:<12} {value}")
    print("\n".join(files))
