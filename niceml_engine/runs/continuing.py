"""Runs that do not begin with the first op: they go on where another one failed, or do some ops once more.

What is kept of an experiment was made with the config of then. A config that says something else of an op that is
kept is therefore refused: the experiment would tell of a training that never was.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from niceml_engine.config.projects.project import ops_path
from niceml_engine.errors import ConfigError, RunError
from niceml_engine.jobs.declaration import JOBS, PROGRAM
from niceml_engine.ops_path import op_key, ops_in
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.runs.launch import state_of
from niceml_engine.runs.making import copy_run, new_group
from niceml_engine.runs.trust import need_reach, need_trust
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.experiments import CONFIG
from niceml_engine.values import ENDED, TRAIN_OP, Composed, Continuation, RunSettings, RunSpec

EXPERIMENT = "experiment"  #: the op that makes the experiment folder, which those after it need
TICK = 0.001  #: seconds in which no two runs of a sweep are made: their ids tell their order to the millisecond


def ops_of(dagster_job: str) -> tuple[str, ...]:
    """The ops of a job, in their order; none for a job that is not known."""
    return next((known.ops for known in (*JOBS, PROGRAM) if known.name == dagster_job), ())


def remaining(
    run: RunFolder, start: str = "", only: Collection[str] = (), *, anew: bool = False
) -> Continuation | None:
    """What is left to do of a run.

    Args:
        run: The run, which has ended.
        start: The first op that is to run again, from its beginning; else the one that failed, or in which the run was
            stopped, from what it has saved.
        only: The only ops that are to run again, instead.
        anew: The op that failed begins anew, too.

    Returns:
        The ops from there on; `None` if that is all of them.

    Raises:
        RunError: The run goes on, or has done everything, or its job has no such op, or the op needs an experiment and
            there is none.
    """
    state = state_of(run)
    ops = ops_of(state.dagster_job)
    if state.status not in ENDED:
        raise RunError("it has not ended; stop it first")
    if only:
        if EXPERIMENT in ops and EXPERIMENT not in only and not state.experiment:
            raise RunError("it has made no experiment; run all ops")
        return Continuation(_chosen(ops, only, state.dagster_job), state.experiment, run.id)
    if not start and state.status == "succeeded":
        raise RunError("it has done everything; name the op to begin with, or run it again")
    if start and start not in ops:
        raise RunError(f"{state.dagster_job} has no op {start}; its ops are {', '.join(ops)}")
    first = start or state.next_op(ops)
    if not first and state.op_done:
        raise RunError("its ops have all come to a good end; name the op to begin with, or run it again")
    if first not in ops or first == ops[0] or (EXPERIMENT in ops and not state.experiment):
        return None
    goes_on = first == TRAIN_OP and not start and not anew
    return Continuation(ops[ops.index(first) :], state.experiment, run.id, goes_on)


def resume(
    run: RunFolder, settings: RunSettings, start: str = "", only: Collection[str] = (), *, anew: bool = False
) -> RunFolder:
    """Puts a run into the queue that does what is left of another one, with exactly its config.

    Args:
        run: The run, which has ended.
        settings: Interpreter, device and threads; without an interpreter, that of the run.
        start: As for `remaining`.
        only: As for `remaining`.
        anew: As for `remaining`.

    Raises:
        RunError: As `remaining`, or the new run cannot be written.
        TrustError: Code of the project would run, and nobody trusts it yet.
    """
    return repeat(run.spec(), settings, remaining(run, start, only, anew=anew))


def repeat(
    spec: RunSpec, settings: RunSettings, continues: Continuation | None = None, group: str | None = None
) -> RunFolder:
    """Puts a run into the queue with exactly the config of another one, and what the environment gave it.

    Args:
        spec: What the other one was told to run.
        settings: Interpreter, device and threads; what it leaves open is as in the other run.
        continues: Which ops run upon what, if not all of them.
        group: What the runs of its sweep share; else it is of the sweep of the other one.

    Raises:
        RunError: The new run cannot be written.
        TrustError: Code of the project would run, and nobody trusts it yet.
    """
    then = spec.settings
    settings = msgspec.structs.replace(
        settings,
        python=settings.python or then.python,
        log_to=then.log_to if settings.log_to is None else settings.log_to,
        full_disk=settings.full_disk or then.full_disk,
    )
    need_trust(spec.root, spec.config, spec.origins, settings.python, spec.script)
    group = spec.group if group is None else group
    return copy_run(msgspec.structs.replace(spec, settings=settings, continues=continues, group=group))


def repeat_all(specs: Sequence[RunSpec], settings: RunSettings) -> list[RunFolder]:
    """Puts a run into the queue for each of the runs of a sweep, with exactly its config, as a sweep of its own.

    Args:
        specs: What the runs were told to run, in the order in which they are to run; one alone stays of its sweep.
        settings: As for `repeat`.

    Raises:
        RunError: As `repeat`.
        TrustError: As `repeat`.
    """
    group = new_group(specs[0].group.rpartition(" ")[0]) if len(specs) > 1 else None
    made = []
    for spec in specs:
        made.append(repeat(spec, settings, group=group))
        time.sleep(TICK)
    return made


def continuation(root: str | Path, composed: Composed, dagster_job: str, wanted: Continuation) -> Continuation:
    """What some ops of a job run upon, if the config fits what is there.

    Args:
        root: The project.
        composed: The config of the new run.
        dagster_job: Its job.
        wanted: The ops, in any order.

    Returns:
        The same with the ops in their order; the first begins anew where the config of all but those after it is
        another one.

    Raises:
        ConfigError: The config differs from that of the experiment in an op that is kept.
        RunError: The job has no such op, or they need an experiment and there is none.
        StoreError: The experiment cannot be read.
    """
    ops = ops_of(dagster_job)
    chosen = _chosen(ops, wanted.ops, dagster_job)
    if EXPERIMENT in ops and EXPERIMENT not in chosen:
        if not wanted.experiment:
            raise RunError(f"{chosen[0]} needs an experiment that exists; name one, or run all ops")
        kept, path = [op for op in ops if op not in chosen], ops_path(Path(root))
        then = _config_then(root, composed, wanted)
        _check_kept(composed, then, kept, chosen[0], path)
        if wanted.goes_on and _without(then, chosen[1:], path) != _without(composed.yaml, chosen[1:], path):
            wanted = msgspec.structs.replace(wanted, goes_on=False)
    return msgspec.structs.replace(wanted, ops=chosen)


def _chosen(ops: tuple[str, ...], wanted: Collection[str], dagster_job: str) -> tuple[str, ...]:
    """The ops that are wanted, in the order of the job."""
    unknown = [op for op in wanted if op not in ops]
    if unknown or not wanted:
        raise RunError(f"{dagster_job} has no op {', '.join(unknown) or 'to run'}; its ops are {', '.join(ops)}")
    return tuple(op for op in ops if op in wanted)


def _without(config: str, ops: Collection[str], path: str) -> Any:
    """What a config says besides what it says of some ops."""
    data = yaml.safe_load(config)
    for op in ops:
        *above, last = op_key(op, path).split(".")
        node = data
        for key in above:
            node = node.get(key) if isinstance(node, dict) else None
        if isinstance(node, dict):
            node.pop(last, None)
    return data


def _config_then(root: str | Path, composed: Composed, wanted: Continuation) -> str:
    try:
        return RunFolder(runs_folder(root) / (wanted.parent or "-")).spec().config
    except RunError:
        from niceml_engine.runs.experiment import experiment_location

        location = need_reach(root, experiment_location(composed.yaml, wanted.experiment))
        return ExperimentFolder(location).read(CONFIG).decode()


def unlike(then: str, now: str, path: str) -> dict[str, str]:
    """In which ops two configs differ.

    Args:
        then: The one, as YAML.
        now: The other.
        path: Where the configs of ops lie.

    Returns:
        By op, the key of the first value that differs.
    """
    before, after = (ops_in(yaml.safe_load(text), path) for text in (then, now))
    above = path.partition("{op}")[0]
    found = ((op, _difference(before.get(op), after.get(op))) for op in dict.fromkeys((*after, *before)))
    return {op: above + ".".join((op, *different)) for op, different in found if different is not None}


def _check_kept(composed: Composed, then: str, kept: list[str], first: str, path: str) -> None:
    different = unlike(then, composed.yaml, path)
    for op in kept:
        if op in different:
            key = different[op]
            leaf = next((leaf for leaf in composed.leaves if leaf.key == key or leaf.key.startswith(f"{key}.")), None)
            raise ConfigError(
                f"{op} was run with another value and is kept; begin with {op} instead of {first}, or set it back",
                file=leaf.origin.file if leaf else "",
                line=leaf.origin.line if leaf and leaf.origin.file else 0,
                key=key,
            )


def _difference(one: Any, other: Any) -> tuple[str, ...] | None:
    """The path of the first value in which two configs differ; `None` if they are the same."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in (*one, *(key for key in other if key not in one)):
            path = _difference(one.get(key), other.get(key)) if key in one and key in other else ()
            if path is not None:
                return (str(key), *path)
        return None
    return None if one == other else ()
