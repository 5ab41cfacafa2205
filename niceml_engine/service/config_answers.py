"""What the service does for each request about configs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from niceml_engine.config.compose.sweeps import compose_first, first_run
from niceml_engine.config.composed.diagrams import defaults_diagram
from niceml_engine.config.exporting.export import export, write
from niceml_engine.config.text.files import parse
from niceml_engine.errors import ConfigError, no_file_reason
from niceml_engine.protocol import configs as ask
from niceml_engine.protocol.files import FileChange
from niceml_engine.protocol.mending import PlanFix
from niceml_engine.service.opened import Opened
from niceml_engine.values import MergeStep, Problem, Selection, merge_order

MAX_TEXT = 16 * 1024 * 1024  #: bytes of a file that the window may show

_INSTALLED = frozenset({"site-packages", "dist-packages"})  #: folders into which packages are installed


SWEEP_SECONDS = 0.5  #: for the runs of a sweep besides the first: a start waits for a check a second at most


def config_answers(opened: Opened) -> dict[type, Callable[[Any], object]]:
    """The functions that answer requests about the configs of an open project, by the request's type."""
    composer = opened.composer

    def check(request: ask.CheckSelection) -> tuple[Problem, ...]:
        # Loads the reader of Python sources, which the first composition need not wait for.
        from niceml_engine.config.checking.every_run import check_every

        return check_every(composer, request.selection, SWEEP_SECONDS)

    def layers(selection: Selection) -> tuple[MergeStep, ...]:
        from niceml_engine.config.compose.steps import merge_steps

        return merge_steps(composer, first_run(composer, selection))

    def steps(request: ask.MergeSteps) -> tuple[MergeStep, ...]:
        return layers(request.selection)

    def draw(request: ask.DrawGraph) -> ask.Exported:
        composed = compose_first(composer, request.selection)
        order = merge_order(layers(request.selection)) if request.order and composed.error is None else {}
        return ask.Exported(defaults_diagram(composed, request.to, order), "", composed.digest)

    def plan(request: PlanFix) -> tuple[FileChange, ...]:
        from niceml_engine.config.checking.fixes import changes_of

        return changes_of(request.edits)

    return {
        PlanFix: plan,
        ask.Compose: lambda request: compose_first(composer, request.selection),
        ask.MergeSteps: steps,
        ask.CheckSelection: check,
        ask.Reference: lambda request: _reference(),
        ask.CheckText: lambda request: _check_text(request),
        ask.ReadFile: lambda request: _read(request.file),
        ask.Export: lambda request: _export(opened, request),
        ask.DrawGraph: draw,
    }


def _check_text(request: ask.CheckText) -> tuple[Problem, ...]:
    if not request.file.endswith((".yaml", ".yml")):
        return ()
    try:
        parse(request.text)
    except ConfigError as error:
        return (Problem("error", "invalid-yaml", error.message, request.file, error.line, details=error.details),)
    return ()


def _reference() -> ask.OpReference:
    from niceml_engine.jobs.declaration import JOBS, OPS, PROGRAM

    return ask.OpReference(OPS, (*JOBS, PROGRAM))


def _read(file: str) -> ask.FileText:
    path = Path(file)
    if reason := no_file_reason(file):
        raise ConfigError(f"cannot be read: {reason}", file=file)
    try:
        if path.stat().st_size > MAX_TEXT:
            raise ConfigError(f"larger than {MAX_TEXT >> 20} MB; open it in an editor", file=file)
        content = path.read_bytes()
        installed = not _INSTALLED.isdisjoint(path.parts)
        return ask.FileText(file, content.decode("utf-8-sig"), hashlib.sha256(content).hexdigest(), installed)
    except FileNotFoundError:
        return ask.FileText(file, "", "", gone=True)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=file) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not a text file", file=file) from error


def _export(opened: Opened, request: ask.Export) -> ask.Exported:
    exported = export(opened.composer, request.selection, request.to, request.file)
    if request.file:
        write(exported)
    return exported
