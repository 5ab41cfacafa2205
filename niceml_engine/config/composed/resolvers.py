"""The resolvers that configs of ours may use; environment values are text, these make them values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from omegaconf import OmegaConf

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


def to_int(value: Any) -> int | None:
    """`${niceml.to_int:TEXT}`: a whole number; null, `null` and empty text stay null.

    Raises:
        ValueError: The text is no whole number.
    """
    if _is_null(value):
        return None
    try:
        return int(value) if not isinstance(value, float) or value.is_integer() else int(str(value))
    except ValueError as error:
        raise ValueError(f"{value!r} is not a whole number") from error


def to_float(value: Any) -> float | None:
    """`${niceml.to_float:TEXT}`: a number; null, `null` and empty text stay null.

    Raises:
        ValueError: The text is no number.
    """
    if _is_null(value):
        return None
    try:
        return float(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a number") from error


def to_bool(value: Any) -> bool | None:
    """`${niceml.to_bool:TEXT}`: true, yes, on, 1 or false, no, off, 0; null, `null` and empty text stay null.

    Raises:
        ValueError: The text is none of these.
    """
    if _is_null(value):
        return None
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(f"{value!r} is neither true nor false")


def register() -> None:
    """Registers the resolvers with OmegaConf; doing it again changes nothing."""
    resolvers: dict[str, Callable[[Any], Any]] = {"to_int": to_int, "to_float": to_float, "to_bool": to_bool}
    for name, resolver in resolvers.items():
        OmegaConf.register_new_resolver(f"niceml.{name}", resolver, replace=True)


def stand_in_for_hydra(root: str, output_dir: str, job: str) -> None:
    """Makes `${hydra:…}` say what it would in a program that Hydra started.

    Args:
        root: Where the program was started.
        output_dir: The folder for what it writes.
        job: The name of the program.
    """
    known = OmegaConf.create(
        {
            "runtime": {"cwd": root, "output_dir": output_dir},
            "job": {"name": job, "num": 0, "id": "0"},
            "run": {"dir": output_dir},
            "mode": "RUN",
        }
    )

    def hydra(key: str) -> Any:
        value = OmegaConf.select(known, key)
        if value is None:
            raise ValueError(f"hydra.{key} is only there in a program that Hydra starts")
        return value

    OmegaConf.register_new_resolver("hydra", hydra, replace=True)


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in ("", "null", "none"))
