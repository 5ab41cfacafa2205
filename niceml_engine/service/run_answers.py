"""What the service does for each request about runs and experiments."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from niceml_engine.config.compose.sweeps import first_run
from niceml_engine.config.composed.resolve import resolved_at
from niceml_engine.config.projects.project import interpreter, log_to
from niceml_engine.errors import RunError
from niceml_engine.protocol import runs as ask
from niceml_engine.runs.continuing import remaining, repeat_all, resume
from niceml_engine.runs.deleting import delete
from niceml_engine.runs.enqueue import enqueue, enqueue_all
from niceml_engine.runs.past import run_config
from niceml_engine.runs.queue import move, write_settings
from niceml_engine.runs.trust import is_trusted, need_reach
from niceml_engine.service.opened import Opened
from niceml_engine.store.experiments import delete_experiment, list_experiments
from niceml_engine.store.location import Location
from niceml_engine.values import ENDED, LOGGERS, Experiment, RunState


def run_answers(opened: Opened) -> dict[type, Callable[[Any], object]]:
    """The functions that answer requests about the runs of an open project, by the request's type.

    `None` stands for `Nothing`.
    """
    watcher = opened.watcher
    return {
        ask.StartRun: lambda request: _start(opened, request),
        ask.RepeatRuns: lambda request: _repeat(opened, request),
        ask.ResumeRun: lambda request: _resume(opened, request),
        ask.StopRun: lambda request: opened.run(request.run).ask_to_stop(now=request.now),
        ask.MoveRuns: lambda request: _move(opened, request),
        ask.ReadQueue: lambda request: watcher.queue(),
        ask.ChangeQueue: lambda request: _change_queue(opened, request),
        ask.ReadLoggers: lambda request: _loggers(opened),
        ask.ListRuns: lambda request: watcher.states(),
        ask.WatchRun: lambda request: watcher.watch(opened.run(request.run), request.after),
        ask.UnwatchRun: lambda request: watcher.unwatch(request.run),
        ask.RunOutput: lambda request: _output(opened, request),
        ask.RunSelection: lambda request: _selection(opened, request),
        ask.ReadRunConfig: lambda request: run_config(opened.run(request.run)),
        ask.NameRun: lambda request: _name(opened, request),
        ask.NameSweep: lambda request: _name_sweep(opened, request),
        ask.TagRun: lambda request: _tag(opened, request),
        ask.DeleteRun: lambda request: _delete(opened, request),
        ask.ListExperiments: lambda request: _experiments(opened, request),
    }


def _start(opened: Opened, request: ask.StartRun) -> RunState:
    root, settings = opened.project.root, request.settings
    opened.watcher.spare.expect(settings)
    if request.continues is not None:
        composed = opened.composer.compose(request.selection)
        return opened.watcher.look(enqueue(root, composed, settings, continues=request.continues))
    runs = enqueue_all(root, opened.composer, request.selection, settings)
    first, *_ = [opened.watcher.look(run) for run in runs]
    return first


def _repeat(opened: Opened, request: ask.RepeatRuns) -> RunState:
    opened.watcher.spare.expect(request.settings)
    runs = repeat_all([opened.run(run).spec() for run in request.runs], request.settings)
    first, *_ = [opened.watcher.look(run) for run in runs]
    return first


def _resume(opened: Opened, request: ask.ResumeRun) -> RunState:
    run = opened.run(request.run)
    if request.selection is None:
        return opened.watcher.look(resume(run, request.settings, request.start, request.only))
    composed, spec = opened.composer.compose(request.selection), run.spec()
    continues = remaining(run, request.start, request.only)
    again = enqueue(opened.root, composed, request.settings, spec.dagster_job, continues, spec.script)
    return opened.watcher.look(again)


def _move(opened: Opened, request: ask.MoveRuns) -> None:
    move(opened.root, request.runs, request.before)
    for run in request.runs:
        opened.watcher.look(opened.run(run))


def _change_queue(opened: Opened, request: ask.ChangeQueue) -> ask.QueueState:
    write_settings(opened.root, request.settings)
    return opened.watcher.queue()


def _loggers(opened: Opened) -> tuple[ask.Logger, ...]:
    from niceml_engine.runs.along.reading import missing

    chosen, python = log_to(opened.root), interpreter(opened.root)
    asked = not python or is_trusted(opened.root)  # an interpreter of the project's own is code of the project
    return tuple(ask.Logger(name, name in chosen, missing(name, python) if asked else "") for name in LOGGERS)


def _output(opened: Opened, request: ask.RunOutput) -> ask.Output:
    run = opened.run(request.run)
    known = {"stdout": request.stdout, "stderr": request.stderr}
    return ask.Output(*(ask.Printed(*run.printed(name, start, request.limit)) for name, start in known.items()))


def _selection(opened: Opened, request: ask.RunSelection) -> ask.PastSelection:
    spec = opened.run(request.run).spec()
    return ask.PastSelection(spec.selection, spec.digest)


def _name(opened: Opened, request: ask.NameRun) -> RunState:
    run = opened.run(request.run)
    run.set_name(request.name)
    return opened.watcher.look(run)


def _name_sweep(opened: Opened, request: ask.NameSweep) -> None:
    for state in opened.watcher.states():
        if request.group and state.group == request.group:
            run = opened.run(state.id)
            run.set_sweep(request.name)
            opened.watcher.look(run)


def _tag(opened: Opened, request: ask.TagRun) -> RunState:
    run = opened.run(request.run)
    run.set_tags(word for text in request.tags for word in text.split())
    return opened.watcher.look(run)


def _delete(opened: Opened, request: ask.DeleteRun) -> None:
    run = opened.run(request.run)
    state = run.state()
    if state.status not in ENDED:
        raise RunError("it has not ended; stop it first")
    if request.experiment and state.experiment:
        from niceml_engine.runs.experiment import experiment_location

        delete_experiment(need_reach(opened.root, experiment_location(run.spec().config, state.experiment)))
    delete(run)
    opened.watcher.forget(run.id)


def _experiments(opened: Opened, request: ask.ListExperiments) -> tuple[Experiment, ...]:
    node: Any = None
    if request.selection is not None:
        with opened.composing:
            config = opened.composer.config(first_run(opened.composer, request.selection))
            node = resolved_at(config, "globals.experiment_location")
    default = os.environ.get("EXPERIMENT_URI", "./experiment_outputs")
    location = need_reach(opened.root, Location.of(node or default, opened.project.root))
    found = list_experiments(location)
    if request.configs:
        opened.index.with_experiments(found, location)
    return found
