"""Reading and changing overrides in Hydra's grammar, as far as the window has to: which key, which value."""

from __future__ import annotations

import re
from functools import lru_cache

from niceml_engine import options
from niceml_engine.parts import part, plain_key
from niceml_engine.secrets import is_secret, mask_text
from niceml_engine.values import Leaf
from niceml_engine.visible import visible

_OVERRIDE = re.compile(r"(?P<prefix>~|\+\+|\+)?(?P<key>[^=]*)(?:=(?P<value>.*))?", re.DOTALL)
_LONG = 24  #: letters of a value in the name of a step


def last_part(key: str) -> str:
    """What a key is called in short: `epochs` for `ops.train.config.epochs`."""
    return key.rsplit(".", 1)[-1]


def split(override: str) -> tuple[str, str, str]:
    """An override's prefix (``, `+`, `++`, `~`), key and value text."""
    match = _OVERRIDE.fullmatch(override.strip())
    if match is None:
        return "", override, ""
    return match["prefix"] or "", plain_key(match["key"].strip()), match["value"] or ""


def bare(key: str) -> str:
    """A key as `split` tells it; that of a choice which an override has added begins with `+`."""
    return plain_key(key.lstrip("+"))


def change(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """What makes other overrides of some, as a step is named: `Set train_params.epochs to 4`, and how much more."""
    said = {split(text)[1]: _deed(text) for text in after if text not in before}
    for text in before:
        if text not in after:
            said.setdefault(split(text)[1], f"Reset {_called(split(text)[1])}")
    if not said:
        return "Reorder overrides"
    first, *others = said.values()
    return visible(f"{first} and {len(others)} more" if others else first)


def _deed(text: str) -> str:
    prefix, key, value = split(text)
    if prefix == "~":
        return f"Remove {_called(key)}"
    if "/" in key or "@" in key:
        return f"Choose {shown(key, value)} for {key.partition('@')[0]}"
    return f"Add {_called(key)}: {shown(key, value)}" if prefix == "+" else f"Set {_called(key)} to {shown(key, value)}"


def _called(key: str) -> str:
    """A key by its last two parts, a group without its package."""
    return ".".join(key.partition("@")[0].split(".")[-2:])


def shown(key: str, value: str) -> str:
    """A value as it may stand in the name of a step: short, and no secret."""
    if is_secret(tuple(plain_key(key).split("."))):
        return mask_text(value)
    return value if len(value) <= _LONG else f"{value[: _LONG - 1]}…"


def find(overrides: tuple[str, ...], key: str) -> str | None:
    """The last override of a key, as it stands in the selection."""
    return _by_key(overrides).get(bare(key))


@lru_cache(maxsize=8)  # asked for every leaf of a config
def _by_key(overrides: tuple[str, ...]) -> dict[str, str]:
    return {split(override)[1]: override for override in overrides}


def without(overrides: tuple[str, ...], key: str) -> tuple[str, ...]:
    """The overrides that do not speak of this very key."""
    wanted = bare(key)
    return tuple(override for override in overrides if split(override)[1] != wanted)


def without_all(overrides: tuple[str, ...], key: str) -> tuple[str, ...]:
    """The overrides that speak neither of this key nor of anything in it."""
    wanted = plain_key(key)
    return tuple(text for text in overrides if not f"{split(text)[1]}.".startswith(f"{wanted}."))


def with_list(overrides: tuple[str, ...], key: str, text: str) -> tuple[str, ...]:
    """The overrides with a list set as a whole; those that reach into it say nothing of the new one, and go."""
    former = find(overrides, key)
    prefix = split(former)[0] if former is not None else ""
    return (*without_all(overrides, key), f"{'' if prefix == '~' else prefix}{plain_key(key)}={text}")


def with_value(overrides: tuple[str, ...], key: str, text: str, *, new: bool = False) -> tuple[str, ...]:
    """The overrides with `key=text` in the place of a former override of the key, or at the end.

    Args:
        overrides: The overrides so far.
        key: A config key, or the key of a choice; that of one which no defaults list holds begins with `+`.
        text: The value in Hydra's grammar.
        new: The config does not have the key yet, so that it has to be added (`+`).
    """
    wanted = bare(key)
    former = find(overrides, wanted)
    prefix = split(former)[0] if former is not None else "+" if new or key.startswith("+") else ""
    override = f"{'' if prefix == '~' else prefix}{wanted}={text}"
    if former is None:
        return (*overrides, override)
    place = overrides.index(former)
    kept = [other for other in overrides[:place] if split(other)[1] != wanted]
    return (*kept, override, *overrides[place + 1 :])


def option_text(option: str) -> str:
    """The right side of a choice, quoted where Hydra's grammar needs it."""
    listed = option.startswith("[") and option.endswith("]")
    return option if listed else options.option_text(option)


def has_key(leaves: tuple[Leaf, ...], key: str) -> bool:
    """Whether the composed config has this key, as a leaf or on the way to one."""
    wanted = plain_key(key)
    below = f"{wanted}."
    for leaf in leaves:
        name = plain_key(leaf.key)
        # A list is one leaf, but what lies in it can be addressed.
        inside = isinstance(leaf.value, list) and wanted.startswith(f"{name}.")
        if name == wanted or name.startswith(below) or (inside and part(leaf, wanted[len(name) :]) is not None):
            return True
    return False
