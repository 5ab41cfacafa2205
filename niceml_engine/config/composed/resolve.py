"""Resolving a composed config leaf by leaf, so that one that cannot be resolved stops no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import PurePath
from typing import Any

from omegaconf import DictConfig, ListConfig, Node, OmegaConf
from omegaconf.errors import (
    InterpolationKeyError,
    InterpolationResolutionError,
    MissingMandatoryValue,
    OmegaConfBaseException,
    UnsupportedInterpolationType,
)

from niceml_engine.config.composed.bounded import Budget, TooManyStepsError, bounded
from niceml_engine.config.composed.provenance import History, children, is_branch
from niceml_engine.config.text import secrets
from niceml_engine.config.text.files import Path_
from niceml_engine.config.text.limits import MAX_STEPS
from niceml_engine.errors import ConfigError
from niceml_engine.values import Leaf, Origin, Problem

_ENV = re.compile(r"\$\{\s*oc\.env:\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}")


@dataclass(frozen=True, slots=True)
class Value:
    """A leaf of the composed config, before and after resolution.

    Attributes:
        path: Its keys.
        key: The same as OmegaConf writes it.
        value: Unresolved plain data.
        resolved: Resolved plain data, not yet masked.
        reason: Why it, or an item in it, cannot be resolved; empty if it can.
        code: The kind of that reason, as a problem's code.
        at: The node inside a list that is to blame, if not the leaf itself.
    """

    path: Path_
    key: str
    value: Any
    resolved: Any
    reason: str = ""
    code: str = ""
    at: str = ""


@dataclass
class _Trouble:
    budget: Budget
    found: list[tuple[str, str, str]] = field(default_factory=list)


def key_text(path: Path_) -> str:
    """A path as OmegaConf writes it."""
    return ".".join(path)


def values_of(config: DictConfig) -> tuple[Value, ...]:
    """All leaves of a config, in order."""
    with bounded() as budget:
        return tuple(_values(config, (), budget))


def resolved_at(config: DictConfig | ListConfig, key: str) -> Any:
    """Resolved plain data of a part of a config; `None` where there is no such part.

    Raises:
        ConfigError: Something in it cannot be resolved.
    """
    with bounded() as budget:
        trouble = _Trouble(budget)
        try:
            node = OmegaConf.select(config, key, throw_on_missing=False)
            found = _resolve(node, key, trouble) if isinstance(node, Node) else node
        except OmegaConfBaseException as error:
            raise ConfigError(str(error).splitlines()[0], key=key, details=str(error)) from error
    for place, reason, _ in trouble.found:
        raise ConfigError(f"{place}: {reason}", key=place)
    return found


def _values(node: Any, path: Path_, budget: Budget) -> Iterator[Value]:
    for key, child in children(node):
        here = (*path, str(key))
        if is_branch(child):
            yield from _values(child, here, budget)
            continue
        text = key_text(here)
        raw = plain(child)
        if _needs_nothing(raw):
            yield Value(here, text, raw, raw)
            continue
        budget.value = MAX_STEPS
        trouble = _Trouble(budget)
        try:
            resolved = _resolve(child, text, trouble)
        except TooManyStepsError as error:
            resolved, trouble.found = raw, [("", str(error), "interpolation")]
        at, reason, code = trouble.found[0] if trouble.found else ("", "", "")
        yield Value(here, text, raw, resolved, reason, code, at)


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


def _resolve(node: Any, key: str, trouble: _Trouble) -> Any:
    trouble.budget.spend()
    try:
        if node._is_missing():
            raise MissingMandatoryValue
        target = node._dereference_node()
    except TooManyStepsError:
        raise
    except Exception as error:  # resolvers are anybody's code
        reason, code = explain(error, plain(node))
        trouble.found.append((key, reason, code))
        return plain(node)
    if isinstance(target, DictConfig) and isinstance(target._content, dict):
        return {name: _resolve(child, f"{key}.{name}", trouble) for name, child in children(target)}
    if isinstance(target, ListConfig) and isinstance(target._content, list):
        return [_resolve(child, f"{key}[{number}]", trouble) for number, child in enumerate(target._content)]
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
    if isinstance(error, InterpolationResolutionError):
        found = re.match(r"(\w+) raised while resolving interpolation: (.*)", lines[0])
        return (found.group(2) if found else lines[0]), "interpolation"
    return lines[0], "interpolation"


def leaves_of(values: tuple[Value, ...], history: History) -> tuple[Leaf, ...]:
    """Adds to each leaf where it comes from, and hides what is secret.

    A secret that another leaf has woven into its own text is hidden there too.
    """
    hidden = frozenset(
        text
        for value in values
        if secrets.is_secret(value.path) and not value.reason
        for text in _texts(value.resolved)
        if len(text) >= 4
    )
    leaves: list[Leaf] = []
    for value in values:
        secret = secrets.is_secret(value.path)
        origin, shadows = history.of(value.path)
        if secret:
            origin, shadows = _masked(origin), tuple(map(_masked, shadows))
            resolved = value.resolved if value.reason else secrets.mask(value.resolved)
        else:
            resolved = secrets.hide(value.resolved, hidden) if value.resolved is not value.value else value.value
        leaves.append(Leaf(value.key, value.value, origin, shadows, resolved, value.reason, secret))
    return tuple(leaves)


def problems_of(leaves: tuple[Leaf, ...], values: tuple[Value, ...]) -> list[Problem]:
    """The leaves that need something before they can be resolved."""
    found: list[Problem] = []
    for leaf, told in zip(leaves, values, strict=True):
        if not told.reason:
            continue
        value = _at_its_root(told, values)
        severe = value.code in ("missing-value", "unset-env", "interpolation")
        message = f"{value.at or leaf.key}: {value.reason}"
        if value.code == "missing-value":
            message += f"; set it with {leaf.key}=VALUE"
        elif value.code == "unset-env":
            message += "; set it, write it into `.env`, or give a default with ${oc.env:NAME,DEFAULT}"
        found.append(
            Problem(
                severity="error" if severe else "info",
                code=value.code,
                message=message,
                file=leaf.origin.file,
                line=leaf.origin.line if leaf.origin.file else 0,
                key=leaf.key,
                details=str(value.value) if not leaf.secret else "",
            )
        )
    return found


def _at_its_root(value: Value, values: tuple[Value, ...]) -> Value:
    """A value that only leads to one that cannot be resolved waits for that one, which has a problem of its own."""
    wrong = re.fullmatch(r"there is no `(.+)`", value.reason)
    if value.code != "interpolation" or wrong is None or wrong[1] in str(value.value):
        return value
    root = next((one for one in values if one.reason == value.reason and wrong[1] in str(one.value)), None)
    return replace(value, code="waiting", reason=f"waits for {root.key}: {value.reason}") if root else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _masked(origin: Origin) -> Origin:
    return Origin(
        node=origin.node,
        file=origin.file,
        line=origin.line,
        package=origin.package,
        text=secrets.mask_text(origin.text),
    )
