"""Who set the value that made a run fail, as far as the run's spec tells."""

from __future__ import annotations

from collections.abc import Iterator

from niceml_engine import secrets
from niceml_engine.parts import plain_key
from niceml_engine.values import RunSpec

LONGEST = 120  #: characters of an override that are told


def set_by(spec: RunSpec, key: str) -> tuple[str, str]:
    """Who set what stands at a key.

    Of an object it is who set its target; of an item, who set the list; of a mapping of plain values, an override that
    reaches into it, else who set the first of them.

    Args:
        spec: What runs.
        key: The key that an error blames.

    Returns:
        The `file:line`, and the override; at most one of them is not empty.
    """
    if not key:
        return "", ""
    given = {
        plain_key(text.lstrip("+").partition("=")[0]): text for text in spec.selection.overrides if text[:1] != "~"
    }
    places = {plain_key(leaf): place for leaf, place in spec.origins.items()}
    plain = plain_key(key)
    for one in (plain, f"{plain}._target_", *_above(plain)):
        if place := places.get(one):
            return place, ""
        if text := given.get(one):
            return "", _shown(one, text)
    below = [one for one in (*given, *places) if one.startswith(f"{plain}.")]
    if not below or any("." in one.removeprefix(f"{plain}.") for one in below):
        return "", ""
    last = next((one for one in reversed(given) if one in below), "")
    return ("", _shown(last, given[last])) if last else (places[below[0]], "")


def _above(key: str) -> Iterator[str]:
    while "." in key:
        key = key.rpartition(".")[0]
        yield key


def _shown(key: str, override: str) -> str:
    """An override in a line, without secrets."""
    override = " ".join(override.split())
    if secrets.is_secret(tuple(key.split("."))):
        return secrets.mask_text(override)
    name, _, value = override.partition("=")
    if value[:1] == "{":
        return f"{name}={{…}}"
    return override if len(override) <= LONGEST else f"{override[: LONGEST - 1]}…"
