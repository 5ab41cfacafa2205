"""What a config may be at most: what is larger is refused with a word of why, rather than waited for.

Each limit lies far above what people write, and so low that composing what it allows takes less time than the window
waits for an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import yaml

from niceml_engine.errors import ConfigError

MB = 1024 * 1024

MAX_BYTES = 16 * MB
"""A file, which is refused before it is read, and all files that a job merges."""
MAX_SLOW_BYTES = 4 * MB
"""A file with tabs and the like, which only PyYAML's own, slow parser reads as Hydra does."""
MAX_DEPTH = 75
"""Levels of nesting, the package included; OmegaConf itself gives up soon after."""
MAX_VALUES = 200_000
"""Keys, values and items of lists in a file, and in all files that a job merges."""
MAX_ALIAS_VALUES = 100_000
"""Values that aliases (`*name`) may add to those written out: an alias bomb adds billions."""
MAX_WOVEN = 500_000
"""Characters of texts that hold interpolations, each of which is parsed; in a file, and in all that a job merges."""
MAX_INCLUDES = 3_000
"""Entries of defaults lists that a job goes through; lists that each include two others multiply to billions."""

MAX_OVERRIDES = 200_000
"""Characters of the overrides of a selection."""
MAX_OVERRIDE_ITEMS = 5_000
"""Items of lists and mappings in them."""

MAX_STEPS = 100_000
"""Steps that one value may take to resolve; interpolations that multiply (`${a}${a}` in each other) take billions."""
MAX_JOB_STEPS = 200_000
"""Steps that all values of a job may take."""

MAX_ENTRIES = 200_000
"""Files and folders that are looked at to find configs below a folder; what links lead to twice counts twice."""
MAX_CONFIGS = 50_000
"""Configs below the folders of a project."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a file costs to compose.

    Attributes:
        characters: Of its text.
        values: Keys, values and items of lists, aliases written out.
        woven: Characters of texts that hold interpolations.
        depth: Levels of nesting.
    """

    characters: int = 0
    values: int = 0
    woven: int = 0
    depth: int = 0


EMPTY = Size()


def check_text(text: str, path: str, loader: type) -> None:
    """Refuses what nests too deep or holds too many values, before memory or the C stack are spent on it.

    Args:
        text: YAML.
        path: The file it stands in.
        loader: What will read it.

    Raises:
        ConfigError: It is over a limit; names the line.
        yaml.YAMLError: It is no YAML.
    """
    flow = text.count("[") + text.count("{")
    dashes = text.count("-")
    most = 3 * (text.count(":") + text.count("?")) + 2 * (dashes + flow) + text.count(",") + 2
    deepest = flow + max((_indent(line) for line in text.split("\n")), default=0)
    if deepest <= MAX_DEPTH and most <= MAX_VALUES:
        return
    depth = values = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.NodeEvent):
            values += 1
            depth += isinstance(event, yaml.CollectionStartEvent)
            line = event.start_mark.line + 1
            if depth > MAX_DEPTH:
                raise _too_deep(path, line)
            if values > MAX_VALUES:
                message = f"the file holds more than {MAX_VALUES:,} keys, values and items; keep data out of it"
                raise ConfigError(message, file=path, line=line)


def _indent(line: str) -> int:
    """How many levels a line may open at most: one for each character before its text."""
    return len(line) - len(line.lstrip(" -?:"))


def _too_deep(path: str, line: int, key: str = "") -> ConfigError:
    message = f"nested deeper than {MAX_DEPTH} levels; Hydra itself gives up a few levels further, so keep it flatter"
    return ConfigError(message, file=path, line=line, key=key)


def measure(root: yaml.Node, path: str) -> Size:
    """The size of a parsed text.

    Raises:
        ConfigError: Its aliases multiply or contain themselves, or its interpolations are too many to be parsed.
    """
    sizes: dict[int, tuple[int, int] | None] = {}
    woven = 0

    def visit(node: yaml.Node) -> tuple[int, int]:
        """Values and depth of a node, aliases written out."""
        nonlocal woven
        known = sizes.get(id(node), (0, 0))
        if known is None:
            raise ConfigError("an alias contains itself", file=path, line=node.start_mark.line + 1)
        if known[0]:
            return known
        sizes[id(node)] = None
        if isinstance(node, yaml.ScalarNode):
            woven += len(node.value) if "${" in node.value else 0
            if woven > MAX_WOVEN:
                message = f"its texts with interpolations hold more than {MAX_WOVEN:,} characters; keep data out of it"
                raise ConfigError(message, file=path, line=node.start_mark.line + 1)
        inner = [visit(child) for child in _children(node)]
        values = 1 + sum(one for one, _ in inner)
        depth = bool(inner) + max((deep for _, deep in inner), default=0)
        if values > MAX_VALUES + MAX_ALIAS_VALUES:
            raise _bomb(path, node.start_mark.line + 1)
        if depth > MAX_DEPTH:
            raise _too_deep(path, node.start_mark.line + 1)
        sizes[id(node)] = (values, depth)
        return values, depth

    values, depth = visit(root)
    if values - len(sizes) > MAX_ALIAS_VALUES:
        raise _bomb(path, root.start_mark.line + 1)
    return Size(root.end_mark.index, values, woven, depth)


def _bomb(path: str, line: int) -> ConfigError:
    message = f"its aliases multiply, to more than {MAX_ALIAS_VALUES:,} values besides those written out"
    return ConfigError(message, file=path, line=line)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value


def scalars(root: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """The scalars of a node that has been measured, in order."""
    if isinstance(root, yaml.ScalarNode):
        yield root
    for child in _children(root):
        yield from scalars(child)


def check_job(files: Iterable[tuple[str, Size, int]]) -> None:
    """Refuses a job whose files are too much together.

    Args:
        files: Path, size and depth of the package of each file that is merged, in order.

    Raises:
        ConfigError: They are over a limit; names the file that is one too many.
    """
    characters = values = woven = 0
    for path, size, package in files:
        characters += size.characters
        values += size.values
        woven += size.woven
        if size.depth + package > MAX_DEPTH:
            raise _too_deep(path, 0)
        for count, most, what in (
            (characters, MAX_BYTES, "characters"),
            (values, MAX_VALUES, "keys, values and items"),
            (woven, MAX_WOVEN, "characters of texts with interpolations"),
        ):
            if count > most:
                message = f"with this file the job grows to more than {most:,} {what}; include less, keep data out"
                raise ConfigError(message, file=path)


def check_overrides(overrides: Iterable[str]) -> None:
    """Refuses overrides that take too long to be parsed.

    Raises:
        ConfigError: They are over a limit; names the key.
    """
    characters = items = 0
    for text in overrides:
        characters += len(text)
        items += text.count(",")
        key = text.lstrip("+~").partition("=")[0]
        if key.count(".") > MAX_DEPTH:
            raise _too_deep("", 0, f"{key[:100]}…")
        key = key[:100]
        if characters > MAX_OVERRIDES:
            message = f"overrides may hold {MAX_OVERRIDES:,} characters together; write long values into a file"
            raise ConfigError(message, key=key)
        if items > MAX_OVERRIDE_ITEMS:
            message = f"overrides may hold {MAX_OVERRIDE_ITEMS:,} items together; write long lists into a file"
            raise ConfigError(message, key=key)
