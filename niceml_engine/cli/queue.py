"""`niceml-engine runs`: the list of runs and the queue, without a window."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer
from rich.console import Console

from niceml_engine.cli import common
from niceml_engine.cli.drawing import to_json
from niceml_engine.cli.runs import follow_all, left
from niceml_engine.cli.trusting import Trusting, can_ask, start
from niceml_engine.config.projects.env_file import load_env
from niceml_engine.config.projects.project import find_root, read_layout
from niceml_engine.counting import counted
from niceml_engine.errors import RunError
from niceml_engine.query.grammar import Query
from niceml_engine.query.subjects import NO_LEAVES, Known, RunSubject
from niceml_engine.runs.continuing import remaining, repeat
from niceml_engine.runs.continuing import resume as resume_run
from niceml_engine.runs.deleting import BUSY
from niceml_engine.runs.deleting import delete as delete_run
from niceml_engine.runs.enqueue import enqueue
from niceml_engine.runs.folder import RunFolder, all_runs
from niceml_engine.runs.index import RunIndex
from niceml_engine.runs.launch import bury, end_processes, state_of
from niceml_engine.runs.queue import Queue, end_unstarted, read_settings, write_settings
from niceml_engine.runs.queue import move as move_runs
from niceml_engine.runs.untold import leave, tell
from niceml_engine.runs.variables import variables_set
from niceml_engine.short import again as again_words
from niceml_engine.short import missing as missing_words
from niceml_engine.short import named, swept, telling
from niceml_engine.values import ENDED, Composed, Continuation, RunState

FORGET_SECONDS = 20.0  #: that Dagster has to forget a run

app = typer.Typer(no_args_is_help=True)

Where = Annotated[str, typer.Option(metavar="QUERY", help="Only these, as in: metric.val_loss < 0.3 and age < 2d")]
Run = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or the end of it.")]


@app.command(name="list")
@common.taking(common.Plain)
def list_(_: common.Plain, where: Where = "", format: common.Format = "text") -> None:
    """List the project's runs, newest first."""
    common.one_of(format)
    query = common.query(where)
    runs = list(reversed(all_runs(_root())))
    states = [state_of(run) for run in runs]
    if where:
        states = _matching(query, states, runs)
    if format == "json":
        print(to_json(states))
        return
    for state in states:
        created = time.strftime("%Y-%m-%d %H:%M", time.localtime(state.created))
        name = named(state)
        values = swept(state)
        sweep = state.sweep or (state.group.rpartition(" ")[2] if values else state.group)
        group = f"  {values}  [{sweep}]" if values else f"  [{sweep}]" if sweep else ""
        tags = "".join(f"  #{tag}" for tag in state.tags)
        said = " · ".join(filter(None, (again_words(state), state.message or _headline(state), missing_words(state))))
        print(f"{state.id}  {created}  {_standing(state):<9}  {name}{group}{tags}  {said}".rstrip())


def _standing(state: RunState) -> str:
    """How a run stands, in a word."""
    return "stopping" if state.stopping and state.status not in ENDED else state.status


def _headline(state: RunState) -> str:
    """The one metric that says how good it is, where the run itself does not say so."""
    name = state.headline
    return f"{name} {state.metrics[name]:.4g}" if name else ""


def _matching(query: Query, states: list[RunState], runs: list[RunFolder]) -> list[RunState]:
    leaves = RunIndex(_root()).leaves(runs) if query.reads_configs else NO_LEAVES
    now = time.time()
    metrics = frozenset(name for state in states for name in state.metrics)
    common.tell_doubts(query, Known(metrics, leaves))
    return [state for state in states if query.holds(RunSubject(state, leaves, now))]


@app.command()
@common.taking(common.Plain)
def stop(
    _: common.Plain,
    run: Run,
    now: Annotated[bool, typer.Option("--now", help="End its processes at once, whatever they do.")] = False,
) -> None:
    """Stop a run, or take it out of the queue; what was saved is kept."""
    found = _find(run)
    found.ask_to_stop(now=now)
    if found.claim():  # it waits, and nobody may start it any more
        end_unstarted(found)
    elif now and found.is_alive():
        end_processes(found)
        bury(found)


@app.command()
@common.taking(common.Plain)
def again(_: common.Plain, run: Run, trust: Trusting = False) -> None:
    """Run the very config of a run once more, and follow it."""
    spec = _find(run).spec()
    _follow(start(_root(), trust, lambda: repeat(spec, spec.settings, None)))


@app.command()
@common.taking(common.Plain)
def resume(
    _: common.Plain,
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or the end of it.", show_default=False)] = "",
    first: Annotated[str, typer.Option("--from", metavar="OP", help="The first op; else the one that failed.")] = "",
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="OP", help="Nothing but this op; may be given again.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[OVERRIDE]…", help="Other values for the ops that follow.")
    ] = None,
    instead: Annotated[
        bool, typer.Option("--instead", help="Compose the job anew, with these overrides in place of the run's.")
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Begin that op anew, not from its last checkpoint; as with --from.")
    ] = False,
    trust: Trusting = False,
) -> None:
    """Go on where a run failed, or do some of its ops again; follow it."""
    if first and only:
        raise RunError("--from and --only say different things; give one of them")
    found = _find(run) if run and "=" not in run else _need_one_to_resume()
    chosen, more = tuple(only or ()), tuple(overrides or ())
    _follow(start(_root(), trust, lambda: _resumed(found, first, chosen, more, instead, anew)))


@app.command()
@common.taking(common.Plain)
def move(
    _: common.Plain,
    run: Run,
    before: Annotated[str, typer.Option("--before", metavar="RUN", help="Before this one; else to the end.")] = "",
    first: Annotated[bool, typer.Option("--first", help="To the beginning of the queue.")] = False,
) -> None:
    """Move a run that waits in the queue."""
    waiting = [known.id for known in Queue(_root()).open_runs() if not known.claimed]
    found = _find(run).id
    if found not in waiting:
        raise RunError(f"{found} does not wait; what runs or has ended cannot be moved")
    place = waiting[0] if first else _find(before).id if before else ""
    if place != found:
        move_runs(_root(), [found], place)


@app.command()
@common.taking(common.Plain)
def queue(
    _: common.Plain,
    limit: Annotated[int | None, typer.Option(metavar="N", help="Runs at a time.")] = None,
    pause: Annotated[bool | None, typer.Option("--pause/--go", help="Start nothing, or go on.")] = None,
    patience: Annotated[float | None, typer.Option(metavar="SECONDS", help="That a run has to stop.")] = None,
    spare: Annotated[bool | None, typer.Option("--spare/--no-spare", help="Keep a worker ready.")] = None,
    format: common.Format = "text",
) -> None:
    """Show what waits and how the queue works, or change that."""
    common.one_of(format)
    root = _root()
    given = {"limit": limit, "paused": pause, "patience": patience, "spare": spare}
    changes = {name: value for name, value in given.items() if value is not None}
    settings = msgspec.structs.replace(read_settings(root), **changes)
    if changes:
        write_settings(root, settings)
    # of a dead worker nobody has ended the books yet; its run waits no more
    states = [state for run in Queue(root).open_runs() if (state := state_of(run)).status not in ENDED]
    if format == "json":
        print(to_json({"settings": settings, "runs": states}))
        return
    at_a_time = f"{counted(settings.limit, 'run')} at a time"
    spare_words = "a worker is kept ready" if settings.spare else "no worker is kept ready"
    print(f"{at_a_time}{', paused' if settings.paused else ''} · {settings.patience:g} s to stop · {spare_words}")
    for state, tells in zip(states, telling(states), strict=True):
        print("  ".join(filter(None, (state.id, f"{_standing(state):<9}", named(state), tells, state.message))))


@app.command()
@common.taking(common.Plain)
def name(
    _: common.Plain,
    run: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Any text; an empty one takes the name away.")],
    sweep: Annotated[bool, typer.Option("--sweep", help="Name the sweep that the run is of.")] = False,
) -> None:
    """Give a run, or its sweep, a name."""
    found = _find(run)
    if not sweep:
        found.set_name(name)
        return
    group = found.spec().group
    if not group:
        raise RunError(f"{found.id} is of no sweep; leave out --sweep to name the run")
    for one in all_runs(_root()):
        if one.spec().group == group:
            one.set_sweep(name)


@app.command()
@common.taking(common.Plain)
def tag(
    _: common.Plain,
    run: Run,
    tags: Annotated[list[str] | None, typer.Argument(metavar="[TAG]…", help="Words; -TAG takes one away.")] = None,
) -> None:
    """Put words on a run, to find it by `tag = …`, or show them."""
    found = _find(run)
    kept = dict.fromkeys(found.tags())
    for word in tags or ():
        if word.startswith("-"):
            kept.pop(word[1:], None)
        else:
            kept[word] = None
    if tags:
        found.set_tags(kept)
    print(" ".join(kept))


@app.command()
@common.taking(common.Plain)
def delete(
    _: common.Plain,
    run: Annotated[str, typer.Argument(metavar="RUN|SWEEP", help="A run's id, or the end of it; or a sweep's name.")],
    sweep: Annotated[bool, typer.Option("--sweep", help="Delete the whole sweep that the run is of.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a sweep is deleted.")] = False,
) -> None:
    """Delete a run that has ended, or those of a sweep; experiments stay."""
    whole = sweep or not _matching_id(run)
    found = _sweep(run) if whole else [_find(run)]
    going_on = sum(state_of(one).status not in ENDED for one in found)
    if going_on:
        what = f"{going_on} of its {len(found)} runs" if whole else "it"
        raise RunError(f"{what} {'have' if going_on > 1 else 'has'} not ended; stop {'them' if whole else 'it'} first")
    for one in found:
        if experiment := one.state().experiment:
            print(f"{'its' if len(found) == 1 else 'an'} experiment folder stays: {experiment}", file=sys.stderr)
    if whole and not yes:
        many = f"all {len(found)} runs" if len(found) > 1 else "the only run"
        _confirm(f"Delete {many} of the sweep {found[0].sweep() or found[0].spec().group}?")
    for one in found:
        delete_run(one)
    stays = tell(_root(), FORGET_SECONDS)
    leave(_root())
    if stays or stays is None:
        print(stays or BUSY, file=sys.stderr)


def _resumed(
    run: RunFolder, first: str, only: Collection[str], overrides: tuple[str, ...], instead: bool, anew: bool
) -> RunFolder:
    spec = run.spec()
    if not overrides and not instead:
        return resume_run(run, spec.settings, first, only, anew=anew)
    from niceml_engine.config.compose import Composer

    composer = Composer(read_layout(Path(spec.selection.job)).setting)
    kept = () if instead else spec.selection.overrides
    selection = msgspec.structs.replace(spec.selection, overrides=(*kept, *overrides))
    continues = remaining(run, first, only, anew=anew)
    load_env(Path(spec.root))
    with variables_set(spec.variables):
        composed = composer.compose(selection)
        made = enqueue(spec.root, composed, spec.settings, spec.dagster_job, continues, spec.script)
        _tell_whether_anew(run, continues, made.spec().continues, composed)
    return made


def _need_one_to_resume() -> NoReturn:
    """Names the newest run with which one could go on, where none was named; rather one of which something is kept.

    Raises:
        RunError: That, or that there is none.
    """
    runs = list(reversed(all_runs(_root())))
    states = [state_of(run) for run in runs]
    gone_on = {state.continues.parent for state in states if state.continues is not None}
    open_ends = [
        (run, state)
        for run, state in zip(runs, states, strict=True)
        if state.status in ("failed", "stopped") and state.id not in gone_on
    ]
    for _, state in (*((run, state) for run, state in open_ends if left(run)), *open_ends):
        how = "failed" if state.status == "failed" else "was stopped"
        said = f"the last one that {how} is {named(state)}: niceml-engine runs resume {state.id}"
        raise RunError(f"name the run to go on with; {said}")
    raise RunError("name the run to go on with; none has failed or was stopped since; see `niceml-engine runs list`")


def _tell_whether_anew(
    run: RunFolder, wanted: Continuation | None, made: Continuation | None, composed: Composed
) -> None:
    """Says that an op does not go on from what it has saved, where that is so because its config is another one."""
    if wanted is None or made is None or not wanted.goes_on or made.goes_on:
        return
    from niceml_engine.config.composed.difference import resolved_side_of
    from niceml_engine.protocol.earlier import changes
    from niceml_engine.runs.earlier import like

    found = like(run, resolved_side_of(composed))
    values = changes(found) if found is not None else ""
    print(f"{made.ops[0]} begins anew, since its config is another one{f': {values}' if values else ''}")


def _follow(run: RunFolder) -> None:
    raise typer.Exit(follow_all([run], Queue(run.spec().root), Console()))


def _root() -> Path:
    return find_root(Path.cwd())


def _matching_id(run: str) -> list[RunFolder]:
    return [known for known in all_runs(_root()) if run and known.id.endswith(run)]


def _sweep(name: str) -> list[RunFolder]:
    """The runs of a sweep that is called so, or has that stamp, or of which a run has that id.

    Raises:
        RunError: There is none, or there are several.
    """
    groups: dict[str, list[RunFolder]] = {}
    for run in all_runs(_root()):
        if group := run.spec().group:
            groups.setdefault(group, []).append(run)
    found = [
        runs
        for group, runs in groups.items()
        if name in (group, group.rpartition(" ")[2], runs[0].sweep())
        or (name and any(run.id.endswith(name) for run in runs))
    ]
    if len(found) != 1:
        raise RunError(f"{len(found)} sweeps match {name!r}; see `niceml-engine runs list`")
    return found[0]


def _confirm(question: str) -> None:
    """Asks the person at the terminal.

    Raises:
        RunError: There is nobody to ask.
        typer.Exit: The person said no.
    """
    if not can_ask():
        raise RunError(f"{question.removesuffix('?')} with --yes; there is no terminal to ask at")
    if not typer.confirm(question, err=True):
        print("nothing is deleted", file=sys.stderr)
        raise typer.Exit(common.BAD_INPUT)


def _find(run: str) -> RunFolder:
    found = _matching_id(run)
    if len(found) != 1:
        raise RunError(f"{len(found)} runs match {run!r}; see `niceml-engine runs list`")
    return found[0]
