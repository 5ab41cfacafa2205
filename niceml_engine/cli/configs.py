"""The commands for configs: compose, graph, explain, check, export, ops.

Hydra is imported inside the commands only, so that `--help` and the others start at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from niceml_engine.cli import common, drawing
from niceml_engine.cli.drawing import to_json
from niceml_engine.errors import ConfigError, NicemlError
from niceml_engine.protocol.configs import ExportFormat
from niceml_engine.values import Leaf, Origin, Problem

if TYPE_CHECKING:
    from rich.console import Console

JSON_OR_TEXT = ("text", "json")
COLORS = {"error": "red", "warning": "yellow", "info": "blue"}


def compose(
    job: common.Job,
    overrides: common.Overrides = None,
    resolve: Annotated[bool, typer.Option("--resolve", help="Resolve interpolations; secrets are masked.")] = False,
    config_dir: common.ConfigDir = None,
    version_base: common.VersionBase = None,
    working_dir: common.WorkingDir = None,
    python_path: common.PythonPath = None,
    verbose: common.Verbose = False,
) -> None:
    """Print the composed config as YAML."""
    with common.errors(verbose):
        composer, selection = common.make_selection(
            job, overrides or [], config_dir, version_base, working_dir, python_path
        )
        composed = composer.compose(selection)
        common.raise_problem(composed.error)
        _print(composed.resolved_yaml if resolve else composed.yaml)
        unresolved = [leaf for leaf in composed.leaves if leaf.reason] if resolve else []
        for leaf in unresolved:
            place = f"{leaf.origin.file}:{leaf.origin.line}: " if leaf.origin.file else ""
            common.print_error(f"{place}{leaf.key}: {leaf.reason}")
        if unresolved:
            raise typer.Exit(common.BAD_INPUT)


def graph(
    job: common.Job,
    overrides: common.Overrides = None,
    format: Annotated[str, typer.Option(help="text, json, dot or mermaid.")] = "text",
    ops: Annotated[bool, typer.Option("--ops", help="The ops of the job instead of its configs.")] = False,
    config_dir: common.ConfigDir = None,
    version_base: common.VersionBase = None,
    working_dir: common.WorkingDir = None,
    python_path: common.PythonPath = None,
    verbose: common.Verbose = False,
) -> None:
    """Show which config includes which, or the ops of the job."""
    with common.errors(verbose):
        _one_of(format, drawing.FORMATS)
        composer, selection = common.make_selection(
            job, overrides or [], config_dir, version_base, working_dir, python_path
        )
        composed = composer.compose(selection)
        common.raise_problem(composed.error)
        if not ops:
            _print(drawing.defaults_graph(composed, format))
            return
        from niceml_engine.jobs.declaration import JOBS, OPS

        spec = next((spec for spec in JOBS if spec.name == composed.dagster_job), None)
        if spec is None:
            known = ", ".join(one.name for one in JOBS)
            raise ConfigError(f"no job fits this config; put it below jobs/ in one of {known}", file=selection.job)
        _print(drawing.op_graph(spec, OPS, format))


def explain(
    job: common.Job,
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY] [OVERRIDE]...", help="A key, or a part of the config.")
    ] = None,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",
    config_dir: common.ConfigDir = None,
    version_base: common.VersionBase = None,
    working_dir: common.WorkingDir = None,
    python_path: common.PythonPath = None,
    verbose: common.Verbose = False,
) -> None:
    """Show for each value which file and line set it, and what it overrode."""
    with common.errors(verbose):
        _one_of(format, JSON_OR_TEXT)
        job, key, overrides = _arguments(job, arguments or [], config_dir)
        composer, selection = common.make_selection(job, overrides, config_dir, version_base, working_dir, python_path)
        composed = composer.compose(selection)
        common.raise_problem(composed.error)
        leaves = _below(composed.leaves, key)
        if not leaves:
            raise ConfigError(f"there is no key {key}{_similar(key, composed.leaves)}", key=key)
        if format == "json":
            _print(to_json([_leaf(leaf) for leaf in leaves]))
            return
        console = _console()
        for leaf in leaves:
            _explain(console, leaf)


def check(
    job: common.Job,
    overrides: common.Overrides = None,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",
    config_dir: common.ConfigDir = None,
    version_base: common.VersionBase = None,
    working_dir: common.WorkingDir = None,
    python_path: common.PythonPath = None,
    verbose: common.Verbose = False,
) -> None:
    """List everything that is wrong with a config; the exit status is 2 if there are errors."""
    with common.errors(verbose):
        _one_of(format, JSON_OR_TEXT)
        try:
            composer, selection = common.make_selection(
                job, overrides or [], config_dir, version_base, working_dir, python_path
            )
            from niceml_engine.config.checks import check as check_config

            problems = check_config(composer.compose(selection), composer.setting)
        except NicemlError as error:
            place = (error.file, error.line, error.key, error.details)
            problems = (Problem("error", "unreadable", error.message, *place),)
        if format == "json":
            _print(to_json(problems))
        else:
            _problems(problems, verbose)
        if any(problem.severity == "error" for problem in problems):
            raise typer.Exit(common.BAD_INPUT)


def export(
    job: common.Job,
    overrides: common.Overrides = None,
    to: Annotated[str, typer.Option(help="yaml, resolved, run-config, overrides, command or job.")] = "yaml",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to a file.")] = None,
    config_dir: common.ConfigDir = None,
    version_base: common.VersionBase = None,
    working_dir: common.WorkingDir = None,
    python_path: common.PythonPath = None,
    verbose: common.Verbose = False,
) -> None:
    """Write the config in another form; all but `resolved` compose to the same again."""
    with common.errors(verbose):
        formats: tuple[ExportFormat, ...] = get_args(ExportFormat)
        chosen = next((one for one in formats if one == to), None)
        if chosen is None:
            raise ConfigError(f"there is no export to {to}; there are {', '.join(formats)}")
        composer, selection = common.make_selection(
            job, overrides or [], config_dir, version_base, working_dir, python_path
        )
        from niceml_engine.config.export import export as export_config

        exported = export_config(composer, selection, chosen, str(output or ""))
        if output is None:
            _print(exported.text)
            return
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_text(exported.text, "utf-8", newline="")
        except OSError as error:
            raise ConfigError(f"the export cannot be written: {error.strerror}", file=str(output)) from error
        print(f"{common.shown(str(output.absolute()))}  digest {exported.digest}")


def ops(
    format: Annotated[str, typer.Option(help="text, json, markdown or mermaid.")] = "text",
    verbose: common.Verbose = False,
) -> None:
    """Show the declared jobs, their ops, and what each op's config may hold."""
    with common.errors(verbose):
        _one_of(format, ("text", "json", "markdown", "mermaid"))
        from niceml_engine.cli.reference import reference

        _print(reference(format))


# ------------------------------------------------------------------------------------------------- helpers


def _one_of(format: str, known: tuple[str, ...]) -> None:
    if format not in known:
        raise ConfigError(f"there is no format {format}; there are {', '.join(known)}")


def _print(text: str) -> None:
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    sys.stdout.flush()


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True, markup=False, emoji=False)


def _arguments(job: str, arguments: list[str], config_dir: Path | None) -> tuple[str, str, list[str]]:
    """Tells job, key and overrides apart; the key may stand before the job too."""
    keys = [text for text in arguments if "=" not in text and not text.startswith("~")]
    overrides = [text for text in arguments if text not in keys]
    if len(keys) > 1:
        raise ConfigError(f"only one key can be explained at a time, not {' and '.join(keys)}")
    key = keys[0] if keys else ""
    if key and ("/" in key or key.endswith((".yaml", ".yml"))):
        common.find_job(key, config_dir)
        job, key = key, job
    return job, key, overrides


def _below(leaves: tuple[Leaf, ...], key: str) -> list[Leaf]:
    if not key:
        return list(leaves)
    found = [leaf for leaf in leaves if leaf.key == key or leaf.key.startswith((f"{key}.", f"{key}["))]
    lists = [
        leaf for leaf in leaves if isinstance(leaf.value, list) and key.startswith((f"{leaf.key}[", f"{leaf.key}."))
    ]
    return found or lists


def _similar(key: str, leaves: tuple[Leaf, ...]) -> str:
    from rapidfuzz import process

    found = process.extractOne(key, [leaf.key for leaf in leaves], score_cutoff=60)
    return f"; did you mean {found[0]}?" if found else ""


def _leaf(leaf: Leaf) -> dict[str, Any]:
    from niceml_engine.config.secrets import mask

    return {
        "key": leaf.key,
        "value": mask(leaf.value) if leaf.secret else leaf.value,
        "resolved": leaf.resolved,
        "reason": leaf.reason,
        **_origin(leaf.origin),
        "shadows": [_origin(origin) for origin in leaf.shadows],
    }


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "file": origin.file,
        "line": origin.line,
        "package": origin.package,
        "node": origin.node,
        "text": origin.text,
    }


def _explain(console: Console, leaf: Leaf) -> None:
    from rich.text import Text

    data = _leaf(leaf)
    console.print(Text.assemble((leaf.key, "bold"), " = ", (_short(data["value"]), "cyan")))
    if leaf.reason:
        console.print(Text(f"    unresolved: {leaf.reason}", "yellow"))
    elif leaf.resolved != leaf.value and not leaf.secret:
        console.print(Text.assemble("    is     ", (_short(leaf.resolved), "cyan")))
    console.print(Text(f"    from   {_place(leaf.origin)}"))
    for origin in reversed(leaf.shadows):
        console.print(
            Text(f"    over   {_place(origin)}" + (f"  = {_short(origin.text)}" if origin.file else ""), "dim")
        )


def _place(origin: Origin) -> str:
    if not origin.file:
        return f"override {origin.line}: {origin.text}" if origin.node == "override" else origin.node
    return f"{common.shown(origin.file)}:{origin.line}" + (f"  @ {origin.package}" if origin.package else "")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else to_json(value).replace("\n", " ")
    text = " ".join(text.split())
    return text if len(text) <= 100 else f"{text[:99]}…"


def _problems(problems: tuple[Problem, ...], verbose: bool) -> None:
    from rich.text import Text

    console = _console()
    for problem in problems:
        place = f"{common.shown(problem.file)}:{problem.line}" if problem.file else ""
        key = "" if problem.key in problem.message else problem.key
        line = Text.assemble((f"{problem.severity}: ", COLORS[problem.severity]))
        line.append(": ".join(part for part in (place, key, problem.message) if part))
        line.append(f"  [{problem.code}]", "dim")
        console.print(line)
        if problem.fix:
            console.print(Text(f"    fix: {problem.fix}", "green"))
        if verbose and problem.details:
            console.print(Text("\n".join(f"    {text}" for text in problem.details.splitlines()), "dim"))
    counts = [(severity, sum(one.severity == severity for one in problems)) for severity in COLORS]
    words = [
        f"{count} {severity}{'s' if count != 1 and severity != 'info' else ''}" for severity, count in counts if count
    ]
    console.print(Text(", ".join(words) or "no problems", "bold"))
