"""What Hydra warns of while it composes, as problems with the place that each is of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from niceml_engine.config.composed.graph import is_node, stem
from niceml_engine.config.projects.project_file import NAME
from niceml_engine.config.text.disk import read_file
from niceml_engine.config.text.files import Files, YamlFile
from niceml_engine.errors import ConfigError
from niceml_engine.values import Node, Problem

_NOT_THERE = re.compile(r"provider=(?P<provider>.*), path=(?P<path>.*) is not available\.$")


def warnings_of(
    texts: Iterable[str], nodes: tuple[Node, ...], files: Files, file: str = "", line: int = 0
) -> list[Problem]:
    """What Hydra warns of, each as a line, with the file that it names and the lines there that it is of.

    Args:
        texts: What Hydra said.
        nodes: The configs, one of which it may name.
        files: What has been read.
        file: Where what it warns of stands, if it names none.
        line: The line there.
    """
    found = []
    for text in texts:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if (missing := _NOT_THERE.match(text.strip())) is not None:
            found.append(_not_there(missing["path"], nodes, text))
            continue
        said = " ".join(line for line in lines if not line.startswith("See http")).partition(" See http")[0]
        for place in [*_places(said, nodes, files)] or [(file, line)]:
            found.append(Problem("warning", "hydra", said or text, *place, details=text.strip()))
    return found


def moved(file: str, line: int) -> Problem:
    """What Hydra warns of only once the program runs: nothing says in which folder."""
    said = "Hydra starts this program in the folder of its run, and later versions leave it where it is"
    more = "https://hydra.cc/docs/upgrades/1.1_to_1.2/changes_to_job_working_dir/"
    return Problem("warning", "hydra", f"{said}; set hydra.job.chdir", file, line, details=more)


def _places(said: str, nodes: Iterable[Node], files: Files) -> Iterator[tuple[str, int]]:
    """The files and lines that a warning is of: of the config that it names, or of any that writes what it cites."""
    named, cited = re.match(r"In '?([^':]+)'?: ", said), re.match(r"Defaults list element '[^=]+=(.+)' is using", said)
    for node in nodes:
        if not node.file or not (cited or (named and is_node(node.id, stem(named[1])))):
            continue
        with suppress(ConfigError):
            parsed = files.parse(node.file)
            own = [line for entry, line in _entries(parsed) if _is_of(entry, said, cited[1] if cited else "")]
            if own or cited:
                yield from ((node.file, line) for line in own)
            else:
                yield node.file, _head(parsed, said)
        if named:
            return


def _entries(parsed: YamlFile) -> Iterable[tuple[Any, int]]:
    """The entries of a file's defaults list, with their lines."""
    entries = parsed.data.get("defaults") if isinstance(parsed.data, dict) else None
    return zip(entries if isinstance(entries, list) else (), parsed.entries, strict=False)


def _is_of(entry: Any, said: str, cited: str) -> bool:
    """Whether a warning is of an entry of a defaults list."""
    key = next((str(key) for key in entry if key != "optional"), "") if isinstance(entry, dict) else str(entry)
    if cited:
        return isinstance(entry, dict) and entry.get(key) == cited
    if "'optional: true'" in said:
        return isinstance(entry, dict) and "optional" in entry and f"Use 'optional {key}: " in said
    if "keyword _name_" in said:
        return "_name_" in key.partition("@")[2]
    return f"overriding of {key.split(' ')[-1].partition('@')[0]}: " in said


def _head(parsed: YamlFile, said: str) -> int:
    """The line of a file that a warning is of which names none of its entries."""
    if "package header" in said:
        lines = enumerate(parsed.text.splitlines(), 1)
        return next((number for number, line in lines if re.match(r"\s*#\s*@package\b", line)), 1)
    return parsed.marks[("defaults",)].line if ("defaults",) in parsed.marks else 1


def _not_there(path: str, nodes: Iterable[Node], said: str) -> Problem:
    """An entry of a search path that leads nowhere."""
    package = "/" not in path and "\\" not in path
    what = f"there is no package {path}" if package else f"there is no folder {path}"
    do = f"name where it lies with `python_path` in {NAME}" if package else f"mend it, or name `working_dir` in {NAME}"
    file, line = next(((node.file, line) for node in nodes if (line := _line_of(path, node.file))), ("", 0))
    return Problem("warning", "hydra", f"the search path leads nowhere: {what}; {do}", file, line, details=said.strip())


def _line_of(path: str, file: str) -> int:
    """The line of a file that has a search path's entry, from 1; 0: none."""
    try:
        lines = read_file(file).text.splitlines() if file else []
    except ConfigError:
        return 0
    entry = re.compile(rf"(pkg|file)://{re.escape(path)}(?![\w./])")
    return next((number for number, line in enumerate(lines, 1) if entry.search(line)), 0)
