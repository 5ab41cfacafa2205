"""Reading YAML files: once per change, with the line and the text of every key, and never without limits.

A parse gives what OmegaConf's own loader gives (its floats, no timestamps, no duplicate keys), by the C parser wherever
that agrees with it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from omegaconf._utils import get_yaml_loader

from niceml_engine.config.text.comments import Comments
from niceml_engine.config.text.limits import (
    EMPTY,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_SLOW_BYTES,
    MB,
    Size,
    check_text,
    measure,
    scalars,
)
from niceml_engine.config.text.odd_keys import Swallowed, swallowed
from niceml_engine.config.text.words import told
from niceml_engine.errors import ConfigError, no_file_reason
from niceml_engine.values import Place

Path_ = tuple[str, ...]
_STRING = "tag:yaml.org,2002:str"
_FEW = 100  #: items of a list at most whose lines are kept
_LONG_PLACE = 200  #: characters of a value inside of a list that are kept
_FEW_INSIDE = 1000  #: places inside of one list that are kept at most
Signature = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a key stands: its line, counted from 1, the text of its value, what lies in it, and what is said of it."""

    line: int
    text: str
    inside: tuple[Place, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class YamlFile:
    r"""A parsed file.

    Attributes:
        path: Where it was read.
        text: Its text, with `\n` at the end of lines.
        data: Plain data, `None` for a file without content.
        marks: The place of every key outside of lists, by path; several keys of one path keep the last.
        entries: Lines of the items of a top-level `defaults` list.
        signature: State of the file when it was read: modification time in ns, size, inode.
        size: What it costs to compose.
        swallowed: Keys of it, lists included, whose values are lost.
    """

    path: str
    text: str
    data: Any
    marks: dict[Path_, Mark] = field(repr=False)
    entries: tuple[int, ...]
    signature: Signature
    size: Size = EMPTY
    swallowed: tuple[Swallowed, ...] = ()

    def mark(self, path: Path_) -> Mark:
        """The mark of a key or, where it has none of its own, of the nearest key above it."""
        while path:
            if path in self.marks:
                return self.marks[path]
            path = path[:-1]
        return Mark(1, "")


def _construct_mapping(loader: Any, node: yaml.Node, deep: bool = False) -> Any:
    """Constructs a mapping; a key that stands twice in it is an error."""
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, _ in node.value:
            if key.tag == _STRING and key.value in keys:
                message = f"found duplicate key {key.value}"
                raise yaml.constructor.ConstructorError(
                    "while constructing a mapping", node.start_mark, message, key.start_mark
                )
            if key.tag == _STRING:
                keys.add(key.value)
    return yaml.CSafeLoader.construct_mapping(loader, node, deep=deep)


_Loader: Any = type(
    "_Loader",
    (yaml.CSafeLoader,),
    {
        "__doc__": "OmegaConf's loader on top of the C parser.",
        "yaml_implicit_resolvers": get_yaml_loader().yaml_implicit_resolvers,
        "yaml_constructors": get_yaml_loader().yaml_constructors,
        "construct_mapping": _construct_mapping,
    },
)


#: Where libyaml and PyYAML's own parser, which Hydra uses, disagree: tabs, lone `!` and `:`, byte order marks, half
#: characters. Then the latter decides.
_DISPUTED = re.compile(r"\t|(?!^)\ufeff|!(?!\S)|\s:(?=\S)|\\u[dD]")


class Files:
    """All files that were read, each parsed once per state on disk."""

    def __init__(self) -> None:
        self._parsed: dict[str, YamlFile | ConfigError] = {}
        self._signatures: dict[str, Signature] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> Files:
        """A cache is shared, whatever copies its owner."""
        return self

    def parse(self, path: str) -> YamlFile:
        """Parses a file.

        Raises:
            ConfigError: It cannot be read or is no YAML; names the line where there is one.
        """
        now = signature(path)
        if now is None or self._signatures.get(path) != now:
            try:
                self._parsed[path] = read(path)
            except ConfigError as error:
                self._parsed[path] = error
            if now is not None:
                self._signatures[path] = now
        found = self._parsed[path]
        if isinstance(found, ConfigError):
            raise ConfigError(found.message, file=found.file, line=found.line, key=found.key, details=found.details)
        return found


def signature(path: str) -> Signature | None:
    """The state of a file or folder on disk, `None` if there is nothing that can be looked at."""
    try:
        stat = os.stat(path)
    except (OSError, ValueError):
        return None
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def read_text(path: str | Path) -> str:
    r"""Reads a config file's text, lines ending with `\n`.

    Raises:
        ConfigError: It is gone, unreadable, larger than `MAX_BYTES`, or not UTF-8 text.
    """
    name = str(path)
    if reason := no_file_reason(name):
        raise ConfigError(f"the file cannot be read: {reason}", file=name)
    try:
        with open(name, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigError("the file does not exist", file=name, details=repr(error)) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"the file cannot be read: {reason}", file=name, details=repr(error)) from error
    if len(data) > MAX_BYTES:
        limit = MAX_BYTES // MB
        raise ConfigError(f"the file is larger than {limit} MB, the limit for a config; keep data out of it", file=name)
    if b"\0" in data:
        raise ConfigError("the file is binary; a config is YAML text", file=name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError("the file is not UTF-8 text; save it as UTF-8", file=name, line=line) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read(path: str) -> YamlFile:
    """Reads and parses a file, past every cache.

    Raises:
        ConfigError: As `Files.parse`.
    """
    state = signature(path) or (0, 0, 0)
    text = read_text(path)
    return parse(text, path, state)


def parse(text: str, path: str = "", state: Signature = (0, 0, 0)) -> YamlFile:
    """Parses YAML text.

    Args:
        text: The text.
        path: The file it stands in, for errors.
        state: What `signature` said of that file.

    Raises:
        ConfigError: It is no YAML, or over one of the limits.
    """
    disputed = _DISPUTED.search(text)
    if disputed and len(text) > MAX_SLOW_BYTES:
        line = text.count("\n", 0, disputed.start()) + 1
        message = f"larger than {MAX_SLOW_BYTES // MB} MB, the limit for a file with tabs or the like; take them out"
        raise ConfigError(message, file=path, line=line)
    kind = get_yaml_loader() if disputed else _Loader
    try:
        check_text(text, path, kind)
        loader = kind(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return YamlFile(path, text, None, {}, (), state, Size(len(text)))
            size = measure(node, path)
            lost = swallowed(node, text, kind)
            data = _construct(loader, node, path)
            marks: dict[Path_, Mark] = {}
            _mark(node, (), text, marks, loader, Comments(text))
        finally:
            loader.dispose()
        return YamlFile(path, text, data, marks, _entries(node), state, size, lost)
    except RecursionError as error:
        raise ConfigError(f"nested deeper than {MAX_DEPTH} levels", file=path) from error
    except (yaml.YAMLError, ValueError) as error:
        raise told(error, text, path) from error


def _construct(loader: Any, root: yaml.Node, path: str) -> Any:
    """Makes plain data of a node; PyYAML's constructors leak errors of every kind where a tag does not fit a text."""
    try:
        return loader.construct_document(root)
    except (yaml.YAMLError, RecursionError):
        raise
    except Exception as error:
        blamed = next((node for node in scalars(root) if not _constructs(loader, node)), root)
        kind = blamed.tag.removeprefix("tag:yaml.org,2002:")
        shown = f"`{blamed.value[:40]}`" if isinstance(blamed, yaml.ScalarNode) else "this"
        line = blamed.start_mark.line + 1
        raise ConfigError(f"invalid YAML: {shown} is no {kind}", file=path, line=line, details=repr(error)) from error


def _constructs(loader: Any, node: yaml.Node) -> bool:
    try:
        type(loader)("").construct_object(node)
    except Exception:
        return False
    return True


def _end(node: yaml.Node) -> int:
    """Where a node's text ends; block collections claim the blank lines and comments that follow."""
    last = node
    while isinstance(last, yaml.CollectionNode) and not last.flow_style and last.value:
        tail = last.value[-1]
        last = tail[1] if isinstance(tail, tuple) else tail
    return int(last.end_mark.index)


_ALIAS = re.compile(r"\s*:\s+(\*[^\s,\]}]+)")


def _mark(node: yaml.Node, path: Path_, text: str, marks: dict[Path_, Mark], loader: Any, comments: Comments) -> None:
    if not isinstance(node, yaml.MappingNode):
        return
    names: dict[
        Any, str
    ] = {}  # of keys that are equal, as 1 and true are, the first gives its name, the last its value
    for key, value in node.value:
        if key.tag == _STRING:
            name = key.value
        else:
            plain = loader.construct_object(key, deep=True)
            name = names.setdefault(plain, str(plain))
        here = (*path, name)
        start, end = value.start_mark.index, _end(value)
        if end <= key.end_mark.index and (alias := _ALIAS.match(text, key.end_mark.index)):
            written = alias[1]  # the node of an alias is that of its anchor, further up
        else:
            written = text[start:end].rstrip()
        line = key.start_mark.line + 1
        listed = isinstance(value, yaml.SequenceNode)
        inside = tuple(islice(_places(value, "", comments), _FEW_INSIDE)) if listed else ()
        # Where all stands on the line of the key, nothing is to be told of the items.
        kept = inside if any(one.line != line for one in inside) else ()
        marks[here] = Mark(line, written, kept, _comment(comments, key, value))
        _mark(value, here, text, marks, loader, comments)


def _comment(comments: Comments, key: yaml.Node, value: yaml.Node) -> str:
    """What is said of the value of a key, or of an item of a list, which is its own key."""
    start = key.start_mark
    column = start.column if key is not value else -1
    single = not isinstance(value, yaml.CollectionNode) or value.flow_style
    block = isinstance(value, yaml.ScalarNode) and value.style in ("|", ">")
    shared = value.start_mark.index < start.index  # what an alias stands for is written further up
    value_end = value.end_mark.index if single and not block and not shared else -1
    return comments.of(start.line, column, key.end_mark.index if key is not value else -1, value_end)


def _places(node: yaml.Node, path: str, comments: Comments) -> Iterator[Place]:
    """Where the items of a list stand, and what lies in them."""
    if isinstance(node, yaml.SequenceNode) and len(node.value) <= _FEW:
        held = [(f"{path}[{number}]", item, item) for number, item in enumerate(node.value)]
    elif isinstance(node, yaml.MappingNode) and path:
        held = [(f"{path}.{key.value}", key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)]
    else:
        return
    for here, start, value in held:
        text = value.value[:_LONG_PLACE] if isinstance(value, yaml.ScalarNode) else ""
        yield Place(here, start.start_mark.line + 1, text, _comment(comments, start, value))
        yield from _places(value, here, comments)


def _entries(root: yaml.Node) -> tuple[int, ...]:
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if key.value == "defaults" and isinstance(value, yaml.SequenceNode):
                return tuple(item.start_mark.line + 1 for item in value.value)
    return ()
