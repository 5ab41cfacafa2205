"""Ways to mend a problem: other overrides, or edits of the file that the value comes from.

An edit of a file is kept as the few lines that it changes. It is spliced, so that all else stays byte for byte, and
it fits only where these lines still read as they did.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import PurePath
from typing import Any

from niceml_engine.config.checking.rewriting import (
    Path_,
    renamed,
    with_interpolations_quoted,
    with_option,
    with_optional,
    with_override,
    with_package,
    with_self,
    without_group,
)
from niceml_engine.config.checking.script_fixes import arguments, with_argument
from niceml_engine.config.compose.wording import similar
from niceml_engine.config.composed.present import key_of
from niceml_engine.config.text import edit
from niceml_engine.config.text.disk import read_file
from niceml_engine.config.text.literals import load
from niceml_engine.errors import ConfigError
from niceml_engine.options import option_text, options_text
from niceml_engine.parts import find, plain_key
from niceml_engine.protocol.files import FileChange
from niceml_engine.values import Choice, Composed, Fix, Leaf, Problem, Program, TextEdit

OFFERED = 60  #: options of a missing choice that are offered as fixes
SEARCHED = 50  #: keys that are not there for which the most alike are looked for
FEW = 5  #: options that are offered where none is like what is written
CHDIR = "hydra.job.chdir"  #: whether Hydra changes into a run's folder
_PART = re.compile(r"[^.\[\]]+|\[\d+\]")
_PLAIN = re.compile(r"[A-Za-z_$][\w./:${},-]*")


def apply_edit(text: str, edit_: TextEdit) -> str:
    """Applies an edit to the text of its file.

    Raises:
        ConfigError: The lines do not read as they did when the edit was made.
    """
    lines = text.splitlines(keepends=True)
    count = len(edit_.before.splitlines())
    start = edit_.line - 1
    if "".join(lines[start : start + count]) != edit_.before or start > len(lines):
        message = "these lines were changed in the meantime; check again"
        raise ConfigError(message, file=edit_.file, line=edit_.line)
    return "".join([*lines[:start], edit_.after, *lines[start + count :]])


def changes_of(edits: Iterable[TextEdit]) -> tuple[FileChange, ...]:
    """What edits make of their files as these are now.

    Raises:
        ConfigError: A file cannot be read, or does not read any more as it did when the edit was made.
    """
    texts: dict[str, tuple[str, str]] = {}
    for one in edits:
        before, now = texts.get(one.file) or (read_file(one.file).text,) * 2
        texts[one.file] = (before, apply_edit(now, one))
    return tuple(FileChange(file, before, after) for file, (before, after) in texts.items())


def changed_lines(file: str, before: str, after: str) -> TextEdit:
    """The edit that makes one text of a file out of another: the lines from the first to the last that differ."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    return TextEdit(file, head + 1, "".join(old[head : len(old) - tail]), "".join(new[head : len(new) - tail]))


@dataclass
class Mender:
    """Finds fixes in a composed config.

    Attributes:
        composed: The config.
        program: Who starts Hydra with it.
    """

    composed: Composed
    program: Program | None = None
    _leaves: dict[str, Leaf] = field(init=False)
    _texts: dict[str, str] = field(default_factory=dict)
    _known: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._leaves = {leaf.key: leaf for leaf in self.composed.leaves}

    # ------------------------------------------------------------------------------------------- values

    def set_value(self, key: str, value: Any) -> tuple[Fix, ...]:
        """Gives a key another value."""
        text = _written(value)
        ways = [self._override(key, f"set {_last(key)} to {text}", f"{plain_key(key)}={text}")] if text else []
        return (*ways, *self._in_file(key, f"write {value} into", lambda text, path: edit.set_value(text, path, value)))

    def remove(self, key: str) -> tuple[Fix, ...]:
        """Takes a key out."""
        ways = [] if key.endswith("]") else [self._override(key, f"take {_last(key)} out", f"~{plain_key(key)}")]
        return (*ways, *self._in_file(key, f"take {_last(key)} out of", edit.delete_value))

    def add(self, beside: str, name: str, value: Any) -> tuple[Fix, ...]:
        """Gives a mapping a key beside one that it has."""
        text, ways = _written(value), []
        if text and "[" not in beside:
            there = plain_key(f"{beside.rpartition('.')[0]}.{name}".lstrip("."))
            ways.append(self._override(there, f"add {name}={text}", f"+{there}={text}"))

        def added(content: str, path: Path_) -> str:
            return edit.set_value(content, (*path[:-1], name), value)

        return (*ways, *self._in_file(beside, f"write {name}: {value} into", added))

    def without_override(self, key: str) -> tuple[Fix, ...]:
        """Takes back the override that set a key, if one did."""
        leaf = self._leaves.get(key)
        own = [text for text in self.composed.selection.overrides if _key_of(text) == plain_key(key)]
        return (Fix(f"take {own[-1]} back", drops=tuple(own)),) if own and leaf and leaf.shadows else ()

    def rename(self, key: str, name: str, value: Any) -> tuple[Fix, ...]:
        """Gives the value of a key to another key beside it."""
        text, ways = _written(value), []
        if text:
            there = plain_key(f"{key.rpartition('.')[0]}.{name}".lstrip("."))
            ways.append(self._override(key, f"rename {_last(key)} to {name}", f"~{plain_key(key)}", f"+{there}={text}"))
        in_file = self._in_file(key, f"rename {_last(key)} to {name} in", lambda text, path: renamed(text, path, name))
        return (*ways, *in_file)

    def replace_override(self, wrong: str, right: str) -> Fix:
        """Writes an override another way."""
        return Fix(f"write {right} instead", drops=(wrong,), adds=(right,))

    def _override(self, key: str, title: str, *adds: str) -> Fix:
        """Sets a key by overrides; those that speak of it already give way."""
        own = [text for text in self.composed.selection.overrides if _key_of(text) == plain_key(key)]
        if own and all(text.startswith("+") for text in own):  # what only an override added needs no `~`
            adds = tuple(f"+{text}" if "=" in text and text[0] != "+" else text for text in adds if text[0] != "~")
        return self._instead(key, title, *adds)

    def _instead(self, key: str, title: str, *adds: str) -> Fix:
        named = _key_of(plain_key(key))  # that of a choice which an override adds begins with `+`
        own = (text for text in self.composed.selection.overrides if _key_of(text) == named)
        return Fix(title, drops=tuple(own), adds=adds)

    def _in_file(self, key: str, title: str, change: Callable[[str, Path_], str]) -> Iterator[Fix]:
        leaf = self._leaf(key)
        if leaf is None or not leaf.origin.file:
            return
        path, package = _path(key), _path(leaf.origin.package)
        if path[: len(package)] != package:
            return
        with suppress(ConfigError):  # what cannot be spliced is left to the person
            yield self.file_fix(title, leaf.origin.file, lambda text: change(text, path[len(package) :]))

    def _leaf(self, key: str) -> Leaf | None:
        """The leaf that holds a key: its own, or the list that it lies in."""
        while key and key not in self._leaves:
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return self._leaves.get(key)

    # ------------------------------------------------------------------------------------------- files

    def file_fix(self, title: str, file: str, change: Callable[[str], str]) -> Fix:
        """A fix that edits a file.

        Args:
            title: What it does; the name of the file is put at its end.
            file: The file.
            change: Makes the new text from the old.

        Raises:
            ConfigError: The file cannot be read, or the change cannot be made.
        """
        if file not in self._texts:
            self._texts[file] = read_file(file).text
        before = self._texts[file]
        return Fix(f"{title} {PurePath(file).name}", edits=(changed_lines(file, before, change(before)),))

    # ------------------------------------------------------------------------------------------- what Hydra found

    def of_composition(self, problem: Problem) -> tuple[Fix, ...]:
        """Ways to mend what composing found."""
        if problem.fixes:
            return problem.fixes
        if problem.code == "missing-choice":
            missing = (one for one in self.composed.choices if one.missing and key_of(one) == problem.key)
            return tuple(fix for one in islice(missing, 1) for fix in self._choices(one))
        if problem.code == "missing-option":
            return tuple(self._other_option(problem))
        if problem.code == "interpolation":
            return tuple(self._other_reference(problem))
        if problem.code == "hydra":
            return tuple(self._modern(problem))
        if problem.code == "file" and "put it into quotes" in problem.message:
            return tuple(self._quoted(problem))
        return (self._instead(problem.key, f"write {problem.fix}", problem.fix),) if problem.fix else ()

    def _choices(self, choice: Choice) -> Iterator[Fix]:
        """Each option of a choice that must be made; one that no override can name is made in its file."""
        for option in choice.options[:OFFERED]:
            if choice.key:
                chosen = options_text([option]) if choice.is_list else option_text(option)
                yield self._instead(choice.key, f"choose {option}", f"{choice.key}={chosen}")
            else:
                with suppress(ConfigError):
                    change = partial(with_option, line=choice.line, wrong="???", right=option)
                    yield self.file_fix(f"write {option} instead of ??? in", choice.file, change)

    def _other_option(self, problem: Problem) -> Iterator[Fix]:
        """Corrects the option that an entry of a defaults list names."""
        named = [edge for edge in self.composed.edges if f"`{edge.target}`" in problem.message]
        place = (problem.file, problem.line)
        at_line = (one for one in named if one.line == problem.line or not problem.line)
        edge = next((one for one in named if (one.named_in, one.named_at) == place), None) or next(at_line, None)
        if edge is None:
            if problem.fix:
                yield self._instead(problem.key, f"write {problem.fix}", problem.fix)
            return
        wrong = edge.target.rpartition("/")[2]
        entry = [one for one in self.composed.choices if (one.node, one.line) == (edge.source, edge.line)]
        choice = next((one for one in entry if wrong in one.chosen), None)
        if choice is None:
            return
        others = [option for option in choice.options if option not in choice.chosen]
        by_person = choice.key.lstrip("+") in map(_key_of, self.composed.selection.overrides)
        for option in similar(wrong, others) or others[:FEW]:
            chosen = tuple(option if one == wrong else one for one in choice.chosen)
            if choice.key and (by_person or not choice.is_list):
                written = options_text(chosen) if choice.is_list else option_text(option)
                yield self._instead(choice.key, f"choose {option}", f"{choice.key}={written}")
            if not by_person:
                with suppress(ConfigError):
                    yield self.file_fix(
                        f"write {option} instead of {wrong} in",
                        problem.file,
                        partial(with_option, line=problem.line, wrong=wrong, right=option),
                    )

    def _quoted(self, problem: Problem) -> Iterator[Fix]:
        """Puts the interpolations within brackets into quotes."""
        with suppress(ConfigError):
            yield self.file_fix("put it into quotes in", problem.file, with_interpolations_quoted)

    def _modern(self, problem: Problem) -> Iterator[Fix]:
        """Writes what Hydra calls deprecated as it wants it now."""
        if not problem.file:
            return
        with suppress(ConfigError):
            for what, name, value in arguments(problem.message, self.program):
                change = partial(with_argument, line=problem.line, name=name, value=value)
                yield self.file_fix(f"{what}: write {name}={value} into", problem.file, change)
            if "set hydra.job.chdir" in problem.message:
                yield self._instead(CHDIR, "stay with it: set hydra.job.chdir to true", f"{CHDIR}=true")
                change = partial(edit.set_value, path=tuple(CHDIR.split(".")), value=True)
                yield self.file_fix("stay with it: write hydra.job.chdir into", self.composed.selection.job, change)
            if "missing `_self_`" in problem.message:
                yield self.file_fix("keep what is: add _self_ at the end in", problem.file, with_self)
            if "'# @package _group_'" in problem.message:
                yield self.file_fix("take the `# @package _group_` line out of", problem.file, without_group)
            if named := re.search(r"Use 'optional (.+?): .*' instead", problem.message):
                change = partial(with_optional, key=named[1], line=problem.line)
                yield self.file_fix(f"move optional into the key {named[1]} in", problem.file, change)
            if named := re.search(r"In '(.+)/(.+?)': .* header '# @package (.*_name_.*)'", problem.message):
                group, name, header = named.groups()
                if any(one.group == group and name in one.chosen for one in self.composed.choices):
                    meant = header.replace("_group_", group.replace("/", ".")).replace("_name_", name)
                    change = partial(with_package, header=header, meant=meant)
                    yield self.file_fix(f"write `# @package {meant}`, which is the same, into", problem.file, change)
            if named := re.search(r"overriding of (\S+):", problem.message):
                yield self.file_fix(
                    f"write override {named[1]} in", problem.file, partial(with_override, group=named[1])
                )

    def _other_reference(self, problem: Problem) -> Iterator[Fix]:
        """Corrects the key that an interpolation names."""
        leaf = find(self._leaves, problem.key)
        wrong = re.search(r"there is no `([^`]+)`", problem.message)
        if leaf is None or wrong is None or not isinstance(leaf.value, str):
            return
        written = re.compile(r"\$\{" + re.escape(wrong[1]) + r"\}")
        for right in self._like(wrong[1]):
            if written.search(leaf.value):
                yield from self.set_value(problem.key, written.sub(f"${{{right}}}", leaf.value))

    def _like(self, key: str) -> list[str]:
        """The keys that are most like one that is not there; what it would lie in is none."""
        if key not in self._known and len(self._known) < SEARCHED:
            known = [one for one in (*self._leaves, *_branches(self._leaves)) if not key.startswith(f"{one}.")]
            self._known[key] = similar(key, known, 2)
        return self._known.get(key, [])


def _key_of(override: str) -> str:
    return override.lstrip("+~").partition("=")[0]


def _last(key: str) -> str:
    return key.rpartition(".")[2]


def _path(key: str) -> Path_:
    return tuple(int(part[1:-1]) if part[0] == "[" else part for part in _PART.findall(key))


def _branches(keys: dict[str, Leaf]) -> set[str]:
    return {key[:at] for key in keys for at in range(len(key)) if key[at] == "."}


def _written(value: Any) -> str:
    """A plain scalar in Hydra's grammar; empty for what would need thought."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return repr(value)
    fits = isinstance(value, str) and _PLAIN.fullmatch(value) and isinstance((load(f"x: {value}") or {})["x"], str)
    if not fits:
        return ""
    return f"{value!r}" if value.count("${") > 1 else str(value)  # the grammar cannot nest interpolations
