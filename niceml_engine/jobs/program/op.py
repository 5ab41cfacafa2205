"""The op `program`: starts the program through Dagster Pipes, follows it, and says how it ended."""

# without `from __future__ import annotations`: Dagster reads the annotations of op functions as objects

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dagster import AssetMaterialization, OpExecutionContext, PipesSubprocessClient
from dagster._core.errors import DagsterPipesExecutionError

from niceml_engine.errors import OpError, ProgramError
from niceml_engine.jobs.advice import after_kill, killed
from niceml_engine.jobs.context import OpContext
from niceml_engine.jobs.program.following import Following
from niceml_engine.jobs.program.reports import Reports
from niceml_engine.jobs.program.tracebacks import own_code, raised_in
from niceml_engine.jobs.session import RunSession

#: A worker keeps SIGTERM from its threads, and what it starts would inherit that: a program starts as from a terminal.
_AS_FROM_A_TERMINAL = """\
import os, signal, sys
signal.pthread_sigmask(signal.SIG_SETMASK, ())
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
#: How long Dagster waits for a program that was asked to stop; the queue's patience ends before.
_STOP_SECONDS = 24 * 3600
_SAID = 8_000  #: letters of what it printed last that go into the details of a failure
_SEARCHED = 200_000  #: bytes of that in which its exception is looked for: what caused it stands before it


def run(context: OpExecutionContext, session: RunSession, name: str) -> Iterator[AssetMaterialization]:
    """Runs the program that the op's config names, in the working directory.

    Args:
        context: The op's, with `script`, `overrides` and `python` in its config.
        session: The run.
        name: The op's name.

    Yields:
        What the program reports to have made, also when it fails.

    Raises:
        Failure: It cannot be started, or failed; the event stream says why.
    """
    ours = session.context(name)
    reports = Reports(ours.emit)
    try:
        session.run(name, lambda: _run(context, ours, reports, **context.op_config))
    finally:
        yield from reports.materializations()


def _run(
    context: OpExecutionContext,
    ours: OpContext,
    reports: Reports,
    *,
    script: str,
    overrides: Sequence[str],
    python: str,
) -> None:
    words = [_found(python or sys.executable), script, *overrides]
    ours.log(f"$ python {shlex.join(words[1:])}")
    folder = ours.run_info.get("folder")
    outputs = [Path(folder, name) for name in ("stdout.log", "stderr.log")] if folder else []
    client = PipesSubprocessClient(message_reader=reports, termination_timeout_seconds=_STOP_SECONDS)
    following = Following(ours.emit, Path.cwd(), overrides, outputs, script)
    try:
        client.run(context=context, command=_command(words), env=_environment(ours.run_info))
    except DagsterPipesExecutionError as error:
        following.close()
        raise _failure(script, str(error), outputs) from None
    finally:
        following.close()


def _found(python: str) -> str:
    """The file of an interpreter.

    Raises:
        OpError: There is none.
    """
    found = shutil.which(python)
    if found is None:
        raise OpError(f"there is no interpreter {python}; name one with `python` in .niceml/project.yaml")
    return found


def _command(words: list[str]) -> list[str]:
    if sys.platform == "win32":
        return words
    return [sys.executable, "-I", "-S", "-c", _AS_FROM_A_TERMINAL, *words]


def _environment(run_info: Mapping[str, Any]) -> dict[str, str]:
    """What the program gets besides what the worker has: TensorFlow is silenced in the worker alone."""
    logs = run_info.get("replaced", {}).get("TF_CPP_MIN_LOG_LEVEL") or "0"
    found = {"PYTHONUNBUFFERED": "1", "TF_CPP_MIN_LOG_LEVEL": str(logs)}
    folders = [os.environ.get("PYTHONPATH", ""), *run_info.get("python_path", ())]
    return found | {"PYTHONPATH": os.pathsep.join(filter(None, folders))} if any(folders) else found


def _last_word(printed: str) -> str:
    """The last line that says why: neither Hydra's advice, nor the search path or options that it lists after that."""
    said = printed.partition("\nConfig search path:")[0].splitlines()
    lines = [
        line for line in said if line.strip() and not line.startswith(("\t", "Set the environment variable HYDRA_"))
    ]
    return next((line.strip() for line in reversed(lines) if not line.startswith("Available options in ")), "")


def _failure(script: str, said: str, outputs: Sequence[Path]) -> OpError:
    """Why a program failed, as far as it said so."""
    found = re.search(r"-?\d+", said)
    code = int(found[0]) if found else 1
    how = killed(-code) if code < 0 else f"ended with exit status {code}"
    printed = outputs[-1].read_bytes()[-_SEARCHED:].decode("utf-8", "replace") if outputs else ""
    last = printed[-_SAID:]
    raised = raised_in(printed.splitlines(), own_code(Path.cwd())) if code > 0 else None
    if raised is not None:
        message = f"{raised} ({script} {how})"
        return ProgramError(message, raised=str(raised), code=raised.code, key=raised.key, details=last)
    why = _last_word(last)
    advice = after_kill(-code) if code < 0 else ""
    return ProgramError(f"{script} {how}" + (f": {why}" if why else ""), advice=advice, details=last)
