"""Checks of what the files and overrides of a config say, beside the values that they give."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, partial
from pathlib import Path, PurePath
from typing import Any

from niceml_engine.config.checking.fixes import FEW, Mender
from niceml_engine.config.checking.rewriting import with_self
from niceml_engine.config.compose.case import chosen_by
from niceml_engine.config.compose.wording import similar, some
from niceml_engine.config.text import edit
from niceml_engine.config.text.files import Files, YamlFile
from niceml_engine.errors import ConfigError
from niceml_engine.options import option_text
from niceml_engine.parts import set_apart
from niceml_engine.values import Choice, Composed, Fix, Leaf, Origin, Problem

_PACKAGE = re.compile(r"#\s*@package\s+\S+\s*$")
_HEADER = re.compile(r"\s*#\s*@")
_LISTED = 200  #: values that a note lists at most


def check_files(composed: Composed, mender: Mender, files: Files) -> Iterator[Problem]:
    """Finds broken files, includes of nothing, `# @package` lines without effect, and a `_self_` that is missed."""
    yield from _broken(composed, files)
    yield from _missing_includes(composed)
    decided = _own_wins(composed)
    for node in composed.nodes:
        if not node.file or node.missing:
            continue
        try:
            file = files.parse(node.file)
        except ConfigError:
            continue  # why it cannot be read is a problem of the composition
        yield from _ignored_header(file, mender)
        yield from _swallowed(file)
        if node.file in decided and "_self_" not in _entries(file.data):
            yield _missing_self(node.id, file, *decided[node.file], mender)


def check_overrides(composed: Composed, mender: Mender) -> Iterator[Problem]:
    """Finds overrides that set a value where they were meant to choose an option."""
    groups = {choice.key.lstrip("+") for choice in composed.choices}
    for text in composed.selection.overrides:
        name, equals, value = text.lstrip("+").partition("=")
        option = value.strip("'\"").removesuffix(".yaml")
        if not equals or "/" in name or "@" in name or name.startswith("~") or name in groups:
            continue
        choice = next((one for one in composed.choices if one.key and _is_meant(one, name)), None)
        if choice is not None and (option in choice.options or (name == choice.package and _is_text(option))):
            likely = [option] if option in choice.options else similar(option, choice.options) or choice.options[:FEW]
            rights = [f"{choice.key}={option_text(one)}" for one in likely]
        elif choice is None and _is_option(composed, name, option):
            rights = [f"+{name.replace('.', '/')}={option_text(option)}"]
        else:
            continue
        done = "sets a value" if composed.error is not None else f"replaces the whole of {name} by a text"
        message = f"{text} {done}; to choose an option, write {' or '.join(rights)}"
        fixes = tuple(mender.replace_override(text, right) for right in rights)
        yield Problem("error", "group-override", message, key=name, fix=next(iter(rights), ""), fixes=fixes)


def shadowed(composed: Composed) -> Iterator[Problem]:
    """Tells which values are set in files and never used.

    What an override or a preset takes the place of is not told: that is what they are for. What a file sets anew of
    those that it includes is told once for the file; anything else is a surprise, and told by itself.
    """
    above = _includers(composed)
    anew: dict[str, list[tuple[Origin, Leaf]]] = defaultdict(list)
    for leaf in (one for whole in composed.leaves for one in set_apart(whole)):
        losers = [one for one in leaf.shadows if one.file and one.text != "???"]
        if not losers or _on_purpose(leaf.origin, composed):
            continue
        if all(leaf.origin.node in above[one.node] for one in losers):
            anew[leaf.origin.file].append((losers[-1], leaf))
            continue
        message = f"overridden by {_place(leaf.origin)}" + (f", as {len(losers) - 1} more" if len(losers) > 1 else "")
        yield Problem("info", "shadowed", message, losers[-1].file, losers[-1].line, leaf.key)
    for found in anew.values():
        yield _set_anew(found)


def _set_anew(found: list[tuple[Origin, Leaf]]) -> Problem:
    """One note for all values that a file sets anew."""
    (loser, first), *others = found
    if not others:
        return Problem("info", "shadowed", f"overridden by {_place(first.origin)}", loser.file, loser.line, first.key)
    named = ", ".join(leaf.key for _, leaf in found[:FEW]) + (f" and {len(found) - FEW} more" if found[FEW:] else "")
    message = f"{Path(first.origin.file).name} overrides {len(found)} values of what it includes: {named}"
    lines = [f"{_place(one)}  {leaf.key}, overridden by {_place(leaf.origin)}" for one, leaf in found[:_LISTED]]
    lines += [f"and {len(found) - _LISTED} more"] if found[_LISTED:] else []
    also = tuple(leaf.key for _, leaf in others)
    details = "\n".join(lines)
    return Problem("info", "shadowed", message, loser.file, loser.line, first.key, details=details, also=also)


def _place(origin: Origin) -> str:
    return f"{Path(origin.file).name}:{origin.line}"


def _on_purpose(winner: Origin, composed: Composed) -> bool:
    """Whether an override wins, or an option of a group that sets values all over the config."""
    return not winner.file or (winner.package == "" and "/" in winner.node and winner.node != composed.nodes[0].id)


def _includers(composed: Composed) -> dict[str, set[str]]:
    """For each file all those that include it, near or far."""
    above: dict[str, set[str]] = defaultdict(set)
    for edge in composed.edges:
        above[edge.target].add(edge.source)
    for known in list(above.values()):
        waiting = list(known)
        while waiting:
            more = above.get(waiting.pop(), set()) - known
            known |= more
            waiting += more
    return above


# ------------------------------------------------------------------------------------------------- overrides


def _is_meant(choice: Choice, name: str) -> bool:
    return name in (choice.group.replace("/", "."), choice.package)


def _is_text(value: str) -> bool:
    """Whether a value is a bare word, as the name of an option is, and not something to put in place of a mapping."""
    return re.fullmatch(r"[A-Za-z_][\w-]*", value) is not None and value not in ("null", "true", "false")


def _is_option(composed: Composed, name: str, option: str) -> bool:
    """Whether a group that no defaults list speaks of has such an option."""
    inside = PurePath(*name.split("."), f"{option}.yaml")
    return "." in name and any((Path(base) / inside).is_file() for base in composed.bases)


# ------------------------------------------------------------------------------------------------- files


def _entries(data: Any) -> list[Any]:
    entries = data.get("defaults") if isinstance(data, dict) else None
    return entries if isinstance(entries, list) else []


def _broken(composed: Composed, files: Files) -> Iterator[Problem]:
    """Every file that cannot be read; Hydra itself stops at the first."""
    for node in composed.nodes:
        if not (node.missing and node.file) or (composed.error is not None and composed.error.file == node.file):
            continue
        try:
            files.parse(node.file)
        except ConfigError as error:
            yield Problem("error", "file", error.message, node.file, error.line, error.key, error.details)


def _missing_includes(composed: Composed) -> Iterator[Problem]:
    """Every entry of a defaults list that names nothing; Hydra itself stops at the first."""
    files = {node.id: node.file for node in composed.nodes}
    missing = {node.id for node in composed.nodes if node.missing and not node.file}
    error, overrides = composed.error, composed.selection.overrides
    for edge in composed.edges:
        entry = (files.get(edge.source, ""), edge.line)
        place = (edge.named_in, edge.named_at) if edge.named_in else entry
        if edge.target not in missing or (error is not None and (error.file, error.line) == place):
            continue
        if error is not None and error.code == "missing-option" and f"`{edge.target}`" in error.message:
            continue
        group, _, name = edge.target.rpartition("/")
        choice = next((c for c in composed.choices if (c.file, c.line) == entry and _names(c, edge.target)), None)
        if edge.optional:
            message = f"there is no config `{edge.target}`, and the entry is optional: it includes nothing"
            yield Problem("info", "missing-optional", message, *place)
            continue
        options = choice.options if choice else ()
        likely = similar(name, [one for one in options if choice is None or one not in choice.chosen])
        hint = f"; did you mean `{likely[0]}`?" if likely else f"; {group} has {some(list(options))}" if options else ""
        key = choice.key if choice else ""
        message = f"there is no config `{edge.target}`{hint}"
        if own := chosen_by(overrides, key) if key else "":
            message, place = f"the override `{own}`: {message}", ("", 0)
        yield Problem("error", "missing-option", message, *place, key)


def _names(choice: Choice, target: str) -> bool:
    """Whether a choice is what includes a config."""
    return any(target.endswith(f"/{option}") for option in choice.chosen)


def _swallowed(file: YamlFile) -> Iterator[Problem]:
    """Values that are lost, because another key of their mapping is the same, however it is written."""
    for one in file.swallowed:
        same = "stands" if one.text == one.lost_text else f"is the same key as `{one.lost_text}`"
        message = f"`{one.text}` {same} in line {one.lost}, whose value is lost; take one out, or put it into quotes"
        yield Problem("warning", "swallowed-key", message, file.path, one.line)


def _ignored_header(file: YamlFile, mender: Mender) -> Iterator[Problem]:
    header = True
    for number, line in enumerate(file.text.removeprefix(edit.BOM).splitlines(), 1):
        if not line.strip():
            continue
        if _PACKAGE.match(line) and not header:
            message = "Hydra ignores this line, because something else stands before it; move it to the top of the file"
            up = mender.file_fix("move the line to the top of", file.path, partial(_up, number=number))
            yield Problem("warning", "ignored-package", message, file.path, number, fixes=(up,))
        header = header and _HEADER.match(line) is not None


def _up(text: str, number: int) -> str:
    """Moves a line to the top."""
    mark, source = (edit.BOM, text[1:]) if text.startswith(edit.BOM) else ("", text)
    lines = source.splitlines(keepends=True)
    moved = lines.pop(number - 1)
    if not moved.endswith(("\n", "\r")):
        moved += "\r\n" if "\r\n" in source else "\n"
    return mark + moved + "".join(lines)


def _own_wins(composed: Composed) -> dict[str, tuple[Leaf, Origin]]:
    """By file, a value that the file gives and that one of its own includes gives otherwise.

    Without `_self_` a file is merged after its includes, so it wins; were `_self_` at the head, it would lose.
    """
    below: dict[str, set[str]] = defaultdict(set)
    for edge in composed.edges:
        below[edge.source].add(edge.target)
    included_by = cache(partial(_reachable, below))
    found: dict[str, tuple[Leaf, Origin]] = {}
    for leaf in composed.leaves:
        winner = leaf.origin
        if winner.file and winner.file not in found and leaf.shadows:
            included = included_by(winner.node)
            others = [one for one in leaf.shadows if one.node in included and one.text not in ("???", winner.text)]
            if others:
                found[winner.file] = (leaf, others[-1])
    return found


def _reachable(below: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for target in below.get(waiting.pop(), set()) - seen:
            seen.add(target)
            waiting.append(target)
    return seen - {start}


def _missing_self(node: str, file: YamlFile, leaf: Leaf, over: Origin, mender: Mender) -> Problem:
    message = (
        f"the defaults list of {node} has no _self_: {leaf.key} is taken from here, over {PurePath(over.file).name}; "
        "add `- _self_` at its end to keep this, at its head to let the includes win"
    )
    fixes: list[Fix] = []
    with suppress(ConfigError):
        fixes.append(mender.file_fix("keep what is: add _self_ at the end in", file.path, with_self))
        fixes.append(
            mender.file_fix("let includes win: add _self_ first in", file.path, partial(with_self, first=True))
        )
    return Problem(
        "warning", "missing-self", message, file.path, file.mark(("defaults",)).line, "defaults", fixes=(*fixes,)
    )
