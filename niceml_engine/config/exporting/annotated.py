"""The composed config with a comment on each value: the file and line that set it, and which it overrode."""

from __future__ import annotations

import os
from pathlib import Path

from niceml_engine.config.composed.digest import digest
from niceml_engine.config.text.files import parse
from niceml_engine.errors import ConfigError
from niceml_engine.values import Composed, Leaf, Origin

OVER = " \N{LONG LEFTWARDS ARROW} "  #: reads "overrides"
_COLUMN = 48  #: comments stand below each other up to here; longer lines push theirs to the right


def annotated(composed: Composed, root: Path) -> str:
    """The text of a composed config with the origin of each value.

    Args:
        composed: What composed.
        root: The folder to which files are relative.

    Raises:
        ConfigError: It cannot be written as one YAML file.
    """
    leaves = {leaf.key: leaf for leaf in composed.leaves if leaf.key}  # no key stands on lines that go on
    lines, keys = composed.yaml.removesuffix("\n").split("\n"), composed.lines
    found = {number: leaves[key] for number, key in enumerate(keys) if key in leaves}
    beside = {number for number, leaf in found.items() if _fits_beside(leaf, lines[number], keys[number + 1 :][:1])}
    column = min(_COLUMN, max((len(lines[number]) for number in beside), default=0)) + 2
    text: list[str] = []
    for number, line in enumerate(lines):
        comment = f"# {_origin(found[number], root)}" if number in found else ""
        if number in beside:
            text.append(line.ljust(column - 1) + " " + comment)
        else:
            indent = line[: len(line) - len(line.lstrip())]
            text += [indent + comment, line] if comment else [line]
    whole = "".join(f"{line}\n" for line in text)
    if digest(parse(whole).data or {}) != composed.digest:
        raise ConfigError("this config cannot be written as one YAML file; export it as overrides or command")
    return whole


def _fits_beside(leaf: Leaf, line: str, following: tuple[str, ...]) -> bool:
    """Whether a comment may follow on a value's line: not within a text that goes on below it."""
    goes_on = following == ("",) and not isinstance(leaf.value, list)
    return not goes_on and not line.lstrip().startswith("? ")


def _origin(leaf: Leaf, root: Path) -> str:
    return OVER.join(_place(origin, root) for origin in (leaf.origin, *leaf.shadows[-1:]))


def _place(origin: Origin, root: Path) -> str:
    if not origin.file:
        return origin.node or "unknown"
    inside = Path(origin.file).is_relative_to(root)
    file = os.path.relpath(origin.file, root) if inside else origin.file
    return "".join(one if one.isprintable() else "?" for one in file) + f":{origin.line}"
