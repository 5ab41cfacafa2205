"""What a person is told of resolved values: leaves with their origins, nothing secret in them, and what they lack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from niceml_engine import secrets
from niceml_engine.config.composed.provenance import History
from niceml_engine.config.composed.resolve import Found, Memory, Value
from niceml_engine.parts import origins, plain_key
from niceml_engine.values import Leaf, Origin, Problem


def leaves_of(found: Sequence[Found], history: History, memory: Memory) -> tuple[Leaf, ...]:
    """Adds to each leaf where it comes from, and hides what is secret.

    A secret that another leaf has woven into its own text is hidden there too.
    """
    hidden = frozenset(
        text
        for one in found
        if (one.secret and not one.value.reason) or one.woven
        for text in (*one.woven, *(_texts(one.value.resolved) if one.secret else ()))
        if len(text) >= 4
    )
    as_before = hidden == memory.hidden
    memory.hidden = hidden
    leaves: list[Leaf] = []
    for one in found:
        told = history.of(one.value.path)
        if one.leaf is None or not as_before or told != one.history:
            one.leaf, one.history, one.printed = _leaf(one, told, hidden), told, None
        leaves.append(one.leaf)
    return tuple(leaves)


def _leaf(one: Found, told: tuple[Origin, tuple[Origin, ...]], hidden: frozenset[str]) -> Leaf:
    value, (origin, shadows) = one.value, told
    if one.secret:
        origin, shadows = _masked(origin), tuple(map(_masked, shadows))
        resolved = value.resolved if value.reason else secrets.mask(value.resolved)
    else:
        resolved = secrets.hide(value.resolved, hidden) if value.resolved is not value.value else value.value
    return Leaf(value.key, value.value, origin, shadows, resolved, value.reason, one.secret)


def problems_of(leaves: Sequence[Leaf], found: Sequence[Found]) -> list[Problem]:
    """The leaves that need something before they can be resolved."""
    problems: list[Problem] = []
    values = [one.value for one in found]
    every = (
        (leaf, msgspec.structs.replace(value, at=at, reason=reason, code=code))
        for leaf, value in zip(leaves, values, strict=True)
        if value.reason
        for at, reason, code in ((value.at, value.reason, value.code), *value.more)
    )
    for leaf, told in every:
        value = _at_its_root(told, values)
        inside = value.at.removeprefix(leaf.key) if isinstance(leaf.value, list) else ""
        place = origins(leaf, inside)[-1] if inside else leaf.origin
        severe = value.code in ("missing-value", "unset-env", "interpolation")
        message = f"{value.at or leaf.key}: {value.reason}"
        if value.code == "missing-value":
            message += f"; set it with {plain_key(leaf.key + inside)}=VALUE"
        elif value.code == "unset-env":
            message += "; set it, write it into `.env`, or give a default with ${oc.env:NAME,DEFAULT}"
        problems.append(
            Problem(
                severity="error" if severe else "info",
                code=value.code,
                message=message,
                file=place.file,
                line=place.line if place.file else 0,
                key=leaf.key + inside,
                details=str(value.value) if not leaf.secret else "",
            )
        )
    return problems


def _at_its_root(value: Value, values: Sequence[Value]) -> Value:
    """A value that only leads to one that cannot be resolved waits for that one, which has a problem of its own."""
    wrong = re.fullmatch(r"there is no `(.+)`", value.reason)
    if value.code != "interpolation" or wrong is None or wrong[1] in str(value.value):
        return value
    root = next((one for one in values if one.reason == value.reason and wrong[1] in str(one.value)), None)
    return (
        msgspec.structs.replace(value, code="waiting", reason=f"waits for {root.key}: {value.reason}")
        if root
        else value
    )


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
