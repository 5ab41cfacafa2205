"""`niceml-engine diff`: in which values a config differs from another, from a run or from an experiment."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from niceml_engine.cli import common
from niceml_engine.cli.drawing import to_json
from niceml_engine.cli.selecting import JobWords, find_job
from niceml_engine.errors import ConfigError, ProjectError
from niceml_engine.protocol.comparing import Change
from niceml_engine.values import Composed, Selection

if TYPE_CHECKING:
    from niceml_engine.config.compose import Composer
    from niceml_engine.config.composed.difference import Side

LIMIT = 80  #: characters of a value that are shown
COLORS = {"added": "green", "removed": "red", "changed": "yellow", "moved": "blue"}
MARKS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}


@common.taking(JobWords)
def diff(
    words: JobWords,
    against: Annotated[
        str,
        typer.Option(metavar="WHAT", help="saved, last, job, run, experiment."),
    ] = "saved",
    format: common.Format = "text",
) -> None:
    """Show which values differ, and which file set them."""
    common.one_of(format)
    composer, composed = words.compose()
    from niceml_engine.config.composed.difference import difference, resolved_side_of

    changes = difference(_side(composer, composed, against, words.config_dir), resolved_side_of(composed))
    if format == "json":
        print(to_json(_writable(msgspec.to_builtins(changes))))
        return
    _show(changes)


def _side(composer: Composer, composed: Composed, against: str, config_dir: Path | None) -> Side:
    """What a person calls by a few words: the saved job, a run, another job, or an experiment."""
    from niceml_engine.config.composed.difference import side_of
    from niceml_engine.runs.enqueue import job_of, script_of
    from niceml_engine.runs.folder import all_runs
    from niceml_engine.runs.past import run_side

    root = composer.setting.root
    if against == "saved":
        return side_of(_composed(composer, composed.selection, saved=True))
    runs = list(reversed(all_runs(root)))
    if against == "last":
        script = script_of(composer.setting, composed.selection.job)
        runs_as = job_of(composed, script)
        kin = (run for run in runs if run.spec().selection.job == composed.selection.job)
        last = next((run for run in kin if run.state().does(runs_as, script)), None)
        if last is None:
            raise ConfigError("--against last: this job has not run yet; compare with saved, or with another job")
        return run_side(last)
    try:
        job = find_job(against, config_dir)
    except ProjectError:
        if common.is_path(against):
            return _folder(Path(against).expanduser().absolute(), root)
        found = [run for run in runs if run.id.endswith(against) or run.name() == against]
        return run_side(found[0]) if len(found) == 1 else _experiment(against, root, len(found))
    return side_of(_composed(composer, Selection(str(job))))


def _folder(path: Path, root: Path) -> Side:
    """The config of a run's folder, or of an experiment's, wherever it lies."""
    from niceml_engine.runs.folder import RunFolder
    from niceml_engine.runs.past import experiment_side, run_side
    from niceml_engine.store.experiments import CONFIG
    from niceml_engine.store.location import Location

    if (path / "spec.json").is_file():
        return run_side(RunFolder(path))
    if (path / CONFIG).is_file():
        return experiment_side(Location.of({"uri": str(path)}, root), root)
    said = "this folder is neither a run's nor an experiment's" if path.is_dir() else "there is no such file or folder"
    raise ConfigError(f"--against: {said}", file=str(path))


def _experiment(name: str, root: Path, runs: int) -> Side:
    from niceml_engine.cli.experiments import Place
    from niceml_engine.runs.past import experiment_side
    from niceml_engine.store.experiments import list_experiments

    location = Place().open()
    found = [one for one in list_experiments(location) if one.name.endswith(name)]
    if runs or len(found) != 1:
        said = f"{runs} runs and {len(found)} experiments" if runs or found else "no job file, run or experiment"
        raise ConfigError(f"--against {name}: there is {said} of that name; name saved, last, or one of them")
    return experiment_side(location / found[0].name, root)


def _composed(composer: Composer, selection: Selection, *, saved: bool = False) -> Composed:
    from niceml_engine.config.compose.plugins import compose_around
    from niceml_engine.config.composed.difference import as_saved, need_composed

    compose = partial(compose_around, composer.compose)
    return need_composed(as_saved(compose, selection) if saved else compose(selection))


def _show(changes: tuple[Change, ...]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    for change in changes:
        mark = (f"{MARKS[change.kind]} {change.kind:<8}", COLORS[change.kind])
        name = f"{change.before_key} → {change.key}" if change.before_key else change.key
        console.print(Text.assemble(mark, (name, "bold"), "  ", _values(change)))
        for word, origin in (("was", change.before_origin), ("is", change.origin)):
            if origin is not None:
                console.print(Text(f"           {word:<4} {common.place(origin)}", "dim"))
    words = f"{len(changes)} value{'s' if len(changes) > 1 else ''} differ{'' if len(changes) > 1 else 's'}"
    console.print(Text(words if changes else "no differences", "bold"))


def _values(change: Change) -> str:
    if change.kind == "changed":
        return f"{_short(change.before)} → {_short(change.after)}"
    return _short(change.before if change.kind == "removed" else change.after)


def _short(value: object) -> str:
    from niceml_engine.config.text.literals import inline

    text = inline(value)
    return text if len(text) <= LIMIT else f"{text[: LIMIT - 1]}…"


def _writable(value: object) -> object:
    """JSON has no word for infinity and for what is no number; YAML's words stand for them."""
    if isinstance(value, dict):
        return {key: _writable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_writable(item) for item in value]
    return value if not isinstance(value, float) or math.isfinite(value) else _short(value)
