"""Resolving a composed config leaf by leaf, so that one that cannot be resolved stops no other."""

from __future__ import annotations

import os
import re
from enum import Enum
from pathlib import PurePath
from typing import Any

import msgspec
from omegaconf import AnyNode, DictConfig, ListConfig, Node, OmegaConf
from omegaconf.errors import (
    InterpolationKeyError,
    MissingMandatoryValue,
    OmegaConfBaseException,
    UnsupportedInterpolationType,
)

from niceml_engine import secrets
from niceml_engine.config.composed.bounded import Budget, TooManyStepsError, bounded
from niceml_engine.config.composed.provenance import children, is_branch, is_long
from niceml_engine.config.text.files import Path_
from niceml_engine.errors import ConfigError
from niceml_engine.values import Leaf, Origin

#: What OmegaConf and its resolvers say, and how people would.
_WORDS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Key not found: '([^']+)'", r"there is no `\1`"),
        (r"Missing key:? '?([\w.]+)'?", r"there is no `\1`"),
        (r"Error trying to access (\S+): node `(\S+)` is not a container", r"there is no `\1`: `\2` is a single value"),
        (r"`(\S+)` cannot be applied to objects of type: (\w+)", r"`\1` takes a mapping, not \2"),
        (r"mismatched input|no viable alternative|token recognition error", "the text cannot be read as a value"),
    )
)
_MOST_TOLD = 20  #: nodes of one list that cannot be resolved of which each is told
_SCALARS = (str, int, float, type(None))


class Value(msgspec.Struct, frozen=True, gc=False):
    """A leaf of the composed config, before and after resolution.

    Attributes:
        path: Its keys.
        key: The same as OmegaConf writes it.
        value: Unresolved plain data.
        resolved: Resolved plain data, not yet masked.
        reason: Why it, or an item in it, cannot be resolved; empty if it can.
        code: The kind of that reason, as a problem's code.
        at: The node inside a list that is to blame, if not the leaf itself.
        more: What else in it cannot be resolved: where, why, and the kind of the reason.
    """

    path: Path_
    key: str
    value: Any
    resolved: Any
    reason: str = ""
    code: str = ""
    at: str = ""
    more: tuple[tuple[str, str, str], ...] = ()


class Found(msgspec.Struct, eq=False, gc=False):
    """A leaf, with what has been made of it and need not be made again while nothing that it rests on changes.

    Attributes:
        name: The last of its keys, as it stands in the config; not always a text.
        value: The leaf before and after resolution.
        reads: The paths that it was resolved from; `None` if it has to be resolved again next time.
        lasting: Whether the same config in the same environment would make the same of it.
        steps: What it took to resolve.
        secret: Whether it holds a secret, as its key says, or the variable that it is.
        woven: Secrets of variables that its text holds.
        history: Who set it and whom that shadowed.
        leaf: What a person sees of it.
        printed: The same as text, whatever printed it.
    """

    name: Any
    value: Value
    reads: frozenset[Path_] | None = frozenset()
    lasting: bool = True
    steps: int = 0
    secret: bool = False
    woven: frozenset[str] = frozenset()
    history: tuple[Origin, tuple[Origin, ...]] | None = None
    leaf: Leaf | None = None
    printed: Any = None


class Memory:
    """The leaves of a config, for the next one that is composed of the same job in the same environment."""

    def __init__(self) -> None:
        self.found: dict[Path_, Found] = {}
        self.hidden: frozenset[str] = frozenset()  #: secret texts
        self.lists: dict[int, tuple[list[Any], list[Any]]] = {}  # the content of shared lists, and the same plain

    @property
    def lasting(self) -> bool:
        """Whether the same config in the same environment would have the same leaves."""
        return all(one.lasting for one in self.found.values())


def key_text(path: Path_) -> str:
    """A path as OmegaConf writes it."""
    return ".".join(path)


def data_of(config: DictConfig, memory: Memory) -> tuple[dict[Any, Any], list[Found]]:
    """The plain data of a config, unresolved, and all its leaves in order, resolved.

    Args:
        config: The config.
        memory: The leaves of the one before; those of this one take their place.
    """
    walk = _Walk(memory.lists)
    data = walk.data(config, ())
    memory.lists = walk.lists
    known, found = memory.found, list[Found]()
    changed = {path for path, name, _, raw in walk.leaves if not _is_same(known.get(path), name, raw)}
    changed.update(known.keys() - {path for path, *_ in walk.leaves})
    above = {path[:depth] for path in changed for depth in range(1, len(path))}
    in_order = [path for path, *_ in walk.leaves] == list(known)

    def lasts(one: Found) -> bool:
        """Whether a leaf still resolves to what it did; a mapping that it stands for may have another order."""
        if not one.reads:
            return one.reads is not None
        if not in_order and isinstance(one.value.resolved, list | dict):
            return False
        return not any(
            path in above or any(path[:depth] in changed for depth in range(1, len(path) + 1)) for path in one.reads
        )

    with bounded() as budget:
        for path, name, node, raw in walk.leaves:
            if path not in changed and lasts(before := known[path]):
                budget.repeat(before.steps)
                found.append(before)
            else:
                found.append(_found(path, name, node, raw, budget))
    # Of keys that read the same, as 1 and '1' do, one is remembered; both have then changed whenever one looks again.
    memory.found = {path: one for (path, *_), one in zip(walk.leaves, found, strict=True)}
    return data, found


def found_in(config: DictConfig, key: str) -> list[Found]:
    """The leaves of one branch at the top of a config, in order, resolved."""
    walk = _Walk({})
    walk.data(config._get_node(key), (key,))
    with bounded() as budget:
        return [_found(path, name, node, raw, budget) for path, name, node, raw in walk.leaves]


def resolved_at(config: DictConfig | ListConfig, key: str) -> Any:
    """Resolved plain data of a part of a config; `None` where there is no such part.

    Raises:
        ConfigError: Something in it cannot be resolved.
    """
    trouble: list[tuple[str, str, str]] = []
    with bounded() as budget:
        try:
            node = OmegaConf.select(config, key, throw_on_missing=False)
            found = _resolve(node, key, budget, trouble) if isinstance(node, Node) else node
        except OmegaConfBaseException as error:
            raise ConfigError(explain(error, None)[0], key=key, details=str(error)) from error
    for place, reason, _ in trouble:
        raise ConfigError(f"{place}: {reason}", key=place)
    return found


class _Walk:
    """Walks through a config, leaf by leaf.

    Args:
        lists: Shared lists that are known already.
    """

    def __init__(self, lists: dict[int, tuple[list[Any], list[Any]]]) -> None:
        self.leaves: list[tuple[Path_, Any, Any, Any]] = []  #: path, last key, node and plain value
        self.lists: dict[int, tuple[list[Any], list[Any]]] = {}
        self._known = lists

    def data(self, node: Any, path: Path_) -> dict[Any, Any]:
        data: dict[Any, Any] = {}
        for key, child in children(node):
            here = (*path, str(key))
            if type(child) is not AnyNode and is_branch(child):  # most are plain values
                data[key] = self.data(child, here)
            else:
                data[key] = raw = self._plain(child)
                self.leaves.append((here, key, child, raw))
        return data

    def _plain(self, node: Any) -> Any:
        if type(node) is AnyNode and isinstance(value := node.__dict__["_val"], _SCALARS):
            return value
        if not is_long(node):
            return plain(node)
        content = node.__dict__["_content"]
        known = self._known.get(id(content)) or (content, plain(node))
        self.lists[id(content)] = known
        return known[1]


def _is_same(before: Found | None, name: Any, raw: Any) -> bool:
    """Whether a leaf is what it was; 1 is neither true nor 1.0."""
    if before is None or type(before.name) is not type(name):
        return False
    former = before.value.value
    if raw is former:
        return True
    if isinstance(raw, list | dict):
        return repr(raw) == repr(former)
    return type(raw) is type(former) and bool(raw == former)


def _found(path: Path_, name: Any, node: Any, raw: Any, budget: Budget) -> Found:
    text, secret = key_text(path), secrets.is_secret(path)
    if _needs_nothing(raw):
        return Found(name, Value(path, text, raw, raw), secret=secret)
    budget.begin()
    trouble: list[tuple[str, str, str]] = []
    try:
        resolved = _resolve(node, text, budget, trouble)
    except TooManyStepsError as error:
        resolved, trouble = raw, [("", str(error), "interpolation")]
    at, reason, code = trouble[0] if trouble else ("", "", "")
    value = Value(path, text, raw, resolved, reason, code, at, tuple(trouble[1:_MOST_TOLD]))
    lasting = budget.notes.lasting
    reads = frozenset(budget.notes.reads) if lasting and not trouble else None
    variables = secrets.secret_variables(raw)
    secret = secret or bool(variables and secrets.is_reference(raw))
    woven = frozenset(text for text in map(os.environ.get, variables) if text)
    return Found(name, value, reads, lasting, budget.steps, secret, woven)


def plain(node: Any) -> Any:
    """A node as plain, unresolved data."""
    if isinstance(node, DictConfig) and isinstance(node._content, dict):
        return {key: plain(child) for key, child in node._content.items()}
    if isinstance(node, ListConfig) and isinstance(node._content, list):
        return [plain(child) for child in node._content]
    value = node._value() if isinstance(node, Node) else node
    if isinstance(value, Node):
        return plain(value)
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, PurePath):
        return str(value)
    return value


def _needs_nothing(raw: Any) -> bool:
    if isinstance(raw, str):
        return "${" not in raw and raw != "???"
    if isinstance(raw, dict):
        return all(map(_needs_nothing, raw.values()))
    if isinstance(raw, list):
        return all(map(_needs_nothing, raw))
    return True


def _resolve(node: Any, key: str, budget: Budget, trouble: list[tuple[str, str, str]]) -> Any:
    budget.spend()
    try:
        if node._is_missing():
            raise MissingMandatoryValue
        target = node._dereference_node()
    except TooManyStepsError:
        raise
    except Exception as error:  # resolvers are anybody's code
        reason, code = explain(error, plain(node))
        trouble.append((key, reason, code))
        return plain(node)
    if isinstance(target, DictConfig) and isinstance(target._content, dict):
        return {name: _resolve(child, f"{key}.{name}", budget, trouble) for name, child in children(target)}
    if isinstance(target, ListConfig) and isinstance(target._content, list):
        return [_resolve(child, f"{key}[{number}]", budget, trouble) for number, child in enumerate(target._content)]
    return plain(target)


def explain(error: BaseException, text: Any) -> tuple[str, str]:
    """Says in one line why a text cannot be resolved, and which kind of problem that is."""
    if isinstance(error, MissingMandatoryValue):
        return "a value must be given here", "missing-value"
    if isinstance(error, RecursionError) or "Recursive interpolation" in str(error):
        return "the interpolations go round in a circle", "interpolation"
    inner = error
    while inner.__cause__ is not None:
        inner = inner.__cause__
    waited = re.search(r"Missing mandatory value: (\S+)", str(error))
    if waited:
        return f"waits for {waited.group(1)}, which must be given", "waiting"
    lines = str(error).splitlines() or str(inner).splitlines() or [type(inner).__name__]
    if isinstance(error, UnsupportedInterpolationType):
        name = re.search(r"type (\S+)", lines[0])
        return f"the resolver `{name.group(1) if name else '?'}` is not known here", "unknown-resolver"
    unset = re.search(r"Environment variable '([^']+)' not found", str(error))
    if unset:
        return f"the environment variable {unset.group(1)} is not set, and there is no default", "unset-env"
    if "HydraConfig was not set" in str(error) or (isinstance(text, str) and re.search(r"\$\{hydra[.:]", text)):
        return "only known while a Hydra job runs", "hydra-only"
    if isinstance(error, InterpolationKeyError):
        name = re.search(r"key '([^']+)' not found", lines[0])
        return (f"there is no `{name.group(1)}`" if name else lines[0]), "interpolation"
    found = re.match(r"(\w+) raised while resolving interpolation: ?(.*)", lines[0])
    said = (found[2] or found[1]) if found else lines[0]
    for pattern, words in _WORDS:
        if known := pattern.search(said):
            return known.expand(words), "interpolation"
    return said, "interpolation"
