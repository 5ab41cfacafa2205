"""The commands for configs: compose, graph, explain, check, export, ops.

Hydra is imported inside the commands only, so that `--help` and the others start at once.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from niceml_engine.cli import common, drawing
from niceml_engine.cli.drawing import to_json
from niceml_engine.cli.own_python import resolved
from niceml_engine.cli.selecting import JobWords, find_job
from niceml_engine.errors import ConfigError, NicemlError, mentions
from niceml_engine.parts import part
from niceml_engine.protocol.configs import ExportFormat
from niceml_engine.values import Head, Leaf, Origin, Problem, merge_order

if TYPE_CHECKING:
    from rich.console import Console

HINTS = 3  #: ways to mend a problem that are shown
COLORS = {"error": "red", "warning": "yellow", "info": "blue"}


@common.taking(JobWords)
def compose(
    words: JobWords,
    resolve: Annotated[bool, typer.Option("--resolve", help="Resolve interpolations; secrets are masked.")] = False,
) -> None:
    """Print the composed config as YAML."""
    composer, composed = words.compose()
    composed = resolved(composer, composed) if resolve else composed
    _print(composed.resolved_yaml if resolve else composed.yaml)
    unresolved = [leaf for leaf in composed.leaves if leaf.reason] if resolve else []
    for leaf in unresolved:
        place = f"{leaf.origin.file}:{leaf.origin.line}: " if leaf.origin.file else ""
        common.print_error(f"{place}{leaf.key}: {leaf.reason}")
    if unresolved:
        raise typer.Exit(common.BAD_INPUT)


@common.taking(JobWords)
def graph(
    words: JobWords,
    format: Annotated[str, typer.Option(metavar="FORMAT", help="text, json, dot or mermaid.")] = "text",
    ops: Annotated[bool, typer.Option("--ops", help="The ops of the job instead of its configs.")] = False,
    order: Annotated[bool, typer.Option("--order", help="With the places of each file in the merge order.")] = False,
) -> None:
    """Show which config includes which, or the job's ops."""
    common.one_of(format, drawing.FORMATS)
    composer, composed = words.compose()
    if not ops:
        places = {}
        if order:
            from niceml_engine.config.compose.steps import merge_steps

            places = merge_order(merge_steps(composer, composed.selection))
        _print(drawing.defaults_graph(composed, format, places))
        return
    from niceml_engine.jobs.declaration import JOBS, OPS

    spec = next((spec for spec in JOBS if spec.name == composed.dagster_job), None)
    if spec is None:
        known = ", ".join(one.name for one in JOBS)
        job = composed.selection.job
        raise ConfigError(f"no job fits this config; put it below jobs/ in one of {known}", file=job)
    _print(drawing.op_graph(spec, OPS, format))


@common.taking(JobWords)
def explain(
    words: JobWords,
    key: Annotated[str, typer.Argument(metavar="KEY", help="A key, or a part of the config; else all of it.")] = "",
    format: common.Format = "text",
) -> None:
    """Show which file and line set a value, and what it overrode."""
    common.one_of(format)
    words, key = _sorted_out(words, key)
    composer, composed = words.compose()
    if key.partition(".")[0] == "hydra":
        from niceml_engine.config.compose.hydras_own import hydra_leaves

        known = hydra_leaves(composer, composed.selection)
    else:
        known = resolved(composer, composed).leaves
    leaves = _below(known, key)
    if not leaves:
        raise ConfigError(f"there is no key {key}{_similar(key, known)}", key=key)
    if format == "json":
        _print(to_json([_leaf(leaf) for leaf in leaves]))
        return
    console = _console()
    for head in composed.heads:
        if head.key == key:
            _explain_mapping(console, head)
    for leaf in leaves:
        _explain(console, leaf)


@common.taking(JobWords)
def check(words: JobWords, format: common.Format = "text") -> None:
    """List every problem of a config; errors end it with status 2."""
    common.one_of(format)
    try:
        composer, selection = words.select()
        from niceml_engine.config.checking.rest import check_all

        composed = resolved(composer, composer.compose(selection))
        problems = check_all(composed, composer)
    except NicemlError as error:
        place = (error.file, error.line, error.key, error.details)
        problems = (Problem("error", "unreadable", error.message, *place),)
    if format == "json":
        _print(to_json(problems))
    else:
        _problems(problems, words.verbose)
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(common.BAD_INPUT)


@common.taking(JobWords)
def export(
    words: JobWords,
    to: Annotated[str, typer.Option(metavar="FORM", help="One of the forms below.")] = "yaml",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write it, else the terminal.")
    ] = None,
) -> None:
    """Write the config in another form that runs again."""
    forms: tuple[ExportFormat, ...] = get_args(ExportFormat)
    chosen = next((one for one in forms if one == to), None)
    if chosen is None:
        raise ConfigError(f"there is no export to {to}; there are {', '.join(forms)}")
    if chosen == "folder" and output is None:
        raise ConfigError("a folder cannot be shown in the terminal; name a new one with -o")
    composer, selection = words.select()
    from niceml_engine.config.exporting.export import export as export_config
    from niceml_engine.config.exporting.export import write

    exported = export_config(composer, selection, chosen, str(output or ""))
    if output is None:
        _print(exported.text)
        return
    write(exported)
    print(f"{common.shown(str(output.absolute()))}  digest {exported.digest}")


@common.taking(common.Plain)
def ops(
    _: common.Plain,
    format: Annotated[str, typer.Option(metavar="FORMAT", help="text, json, markdown or mermaid.")] = "text",
) -> None:
    """Show the jobs, their ops, and what each op's config may hold."""
    common.one_of(format, ("text", "json", "markdown", "mermaid"))
    from niceml_engine.cli.reference import reference

    _print(reference(format))


# ------------------------------------------------------------------------------------------------- helpers


def _print(text: str) -> None:
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    sys.stdout.flush()


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True, markup=False, emoji=False)


def _sorted_out(words: JobWords, key: str) -> tuple[JobWords, str]:
    """Tells key and overrides apart, which come in one row; the key may stand before the job too."""
    given = [text for text in (key, *words.given) if text]
    keys = [text for text in given if "=" not in text and not text.startswith("~")]
    if len(keys) > 1:
        raise ConfigError(f"only one key can be explained at a time, not {' and '.join(keys)}")
    words = replace(words, overrides=[text for text in given if text not in keys])
    key = keys[0] if keys else ""
    if "/" in key or key.endswith((".yaml", ".yml")):
        find_job(key, words.config_dir)
        return replace(words, job=key), words.job
    return words, key


def _below(leaves: tuple[Leaf, ...], key: str) -> list[Leaf]:
    if not key:
        return list(leaves)
    found = [leaf for leaf in leaves if leaf.key == key or leaf.key.startswith((f"{key}.", f"{key}["))]
    lists = [
        leaf for leaf in leaves if isinstance(leaf.value, list) and key.startswith((f"{leaf.key}[", f"{leaf.key}."))
    ]
    return found or [part(leaf, key[len(leaf.key) :]) or leaf for leaf in lists]


def _similar(key: str, leaves: tuple[Leaf, ...]) -> str:
    from rapidfuzz import process

    found = process.extractOne(key, [leaf.key for leaf in leaves], score_cutoff=60)
    return f"; did you mean {found[0]}?" if found else ""


def _leaf(leaf: Leaf) -> dict[str, Any]:
    from niceml_engine.secrets import mask

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
        "comment": origin.comment,
    }


def _explain(console: Console, leaf: Leaf) -> None:
    from rich.text import Text

    data = _leaf(leaf)
    console.print(Text.assemble((leaf.key, "bold"), " = ", (_short(data["value"]), "cyan")))
    if leaf.reason:
        console.print(Text(f"    unresolved: {leaf.reason}", "yellow"))
    elif leaf.resolved != leaf.value and not leaf.secret:
        said = "  by code of the project" if leaf.own else ""
        console.print(Text.assemble("    is     ", (_short(leaf.resolved), "cyan"), (said, "dim")))
    for line in leaf.comment.splitlines():
        console.print(Text(f"    # {line}", "italic"))
    console.print(Text(f"    from   {common.place(leaf.origin)}"))
    for origin in reversed(leaf.shadows):
        console.print(
            Text(f"    over   {common.place(origin)}" + (f"  = {_short(origin.text)}" if origin.file else ""), "dim")
        )


def _explain_mapping(console: Console, head: Head) -> None:
    from rich.text import Text

    console.print(Text.assemble((head.key, "bold"), ("  a mapping", "dim")))
    console.print(Text(f"    from   {common.place(head.origin)}"))
    for origin in reversed(head.origins[:-1]):
        console.print(Text(f"    and    {common.place(origin)}", "dim"))
    if head.more:
        console.print(Text(f"    and    {head.more} more", "dim"))


def _short(value: Any) -> str:
    """A value on one line: of text, line breaks are escaped; what is no text loses its indents."""
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False) if "\n" in value else value
    else:
        text = " ".join(to_json(value).split())
    return text if len(text) <= 100 else f"{text[:99]}…"


def _problems(problems: tuple[Problem, ...], verbose: bool) -> None:
    from rich.text import Text

    console = _console()
    for problem in problems:
        line = f":{problem.line}" if problem.line else ""
        place = f"{common.shown(problem.file)}{line}" if problem.file else ""
        key = "" if mentions(problem.message, problem.key) else problem.key
        row = Text.assemble((f"{problem.severity}: ", COLORS[problem.severity]))
        row.append(": ".join(part for part in (place, key, problem.message) if part))
        row.append(f"  [{problem.code}]", "dim")
        console.print(row)
        for hint in _hints(problem):
            console.print(Text(f"    fix: {hint}", "green"))
        if verbose and problem.details:
            console.print(Text("\n".join(f"    {text}" for text in problem.details.splitlines()), "dim"))
    counts = [(severity, sum(one.severity == severity for one in problems)) for severity in COLORS]
    words = [
        f"{count} {severity}{'s' if count != 1 and severity != 'info' else ''}" for severity, count in counts if count
    ]
    console.print(Text(", ".join(words) or "no problems", "bold"))


def _hints(problem: Problem) -> list[str]:
    """Ways to mend a problem: overrides as they are to be written, edits of files in words."""
    hints = [fix.title if fix.edits or not fix.adds else " ".join(fix.adds) for fix in problem.fixes]
    return hints if len(hints) <= HINTS else [*hints[:HINTS], f"… or {len(hints) - HINTS} more"]
