"""Reading a composed config in a worker, and saying what went wrong with it; loads no Dagster."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from niceml_engine.config.composed.resolvers import register
from niceml_engine.errors import ConfigError, NicemlError, os_reason
from niceml_engine.jobs.advice import cause_line, root_of
from niceml_engine.learning.blaming import Made, culprit, source_of
from niceml_engine.ops_path import op_key, placed
from niceml_engine.values import OPS_PATH

_UNKNOWN = "unexpected keyword argument"  #: what Python says of an argument that nobody takes


def parse(text: str) -> DictConfig:
    """Reads a composed config, with our resolvers at hand; all who ask for the same text share it and change nothing.

    Raises:
        ConfigError: It is no YAML mapping.
    """
    register()
    return _read(text)


@lru_cache(maxsize=1)
def _read(text: str) -> DictConfig:
    try:
        config = OmegaConf.create(text)
    except Exception as error:  # PyYAML and OmegaConf share no base class for what they raise here
        raise ConfigError(f"the composed config cannot be read: {error}", details=repr(error)) from error
    if not isinstance(config, DictConfig):
        raise ConfigError("the composed config is not a mapping")
    return config


def op_config(config: DictConfig, op: str, path: str) -> Any:
    """What stands where the config of an op does; `None` if there is nothing.

    Args:
        config: The composed config.
        op: The op's name.
        path: Where the configs of ops lie in it.
    """
    return OmegaConf.select(config, op_key(op, path), throw_on_missing=False)


def secrets(config: DictConfig) -> tuple[str, ...]:
    """The resolved texts below every `credentials`, the longest first."""
    found: set[str] = set()

    def visit(node: DictConfig, inside: bool) -> None:
        for key in node:
            try:
                value = node[key]
            except OmegaConfBaseException:
                continue
            hidden = inside or key == "credentials"
            if isinstance(value, DictConfig):
                visit(value, hidden)
            elif hidden and isinstance(value, str) and key in ("key", "secret", "token", "password"):
                found.add(value)

    visit(config.get("globals") or OmegaConf.create(), False)
    return tuple(sorted((text for text in found if len(text) > 3), key=len, reverse=True))


def masked(text: str, secrets: Iterable[str]) -> str:
    """A text without secrets."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def explain(
    error: Exception, ops_path: str = OPS_PATH, config: DictConfig | None = None, made: Iterable[Made] = ()
) -> tuple[str, str, str]:
    """Says in one line what went wrong.

    Args:
        error: What was raised; the keys that the code of ops names are as if their configs lay where they usually do.
        ops_path: Where they lie.
        config: The composed config, unresolved: what is to blame is looked for behind its interpolations.
        made: What was made of it: an error that names no key blames the object that it arose in.

    Returns:
        The message, the config key that is to blame (or nothing), and the details.
    """
    text = "".join(traceback.format_exception(error))
    key = placed(_own_key(error) or culprit(error, made), ops_path)
    if config is not None:
        key = _written_at(config, key, error)
    if isinstance(error, NicemlError):
        shown = str(NicemlError(error.message, file=error.file, line=error.line, key=key))
        return shown, key, "\n".join(part for part in (error.details, text) if part)
    if isinstance(error, OSError) and error.filename:
        said = f"{error.filename}: {os_reason(error)}"
    else:
        name = "" if isinstance(error, OmegaConfBaseException) and key else type(error).__name__
        said = ": ".join(filter(None, (name, cause_line(error))))
    return ": ".join(filter(None, (key, said))), key, text


def _written_at(config: DictConfig, key: str, error: Exception) -> str:
    """Where what is to blame is written: a value behind its interpolations, an argument that nobody takes at itself."""
    object_, _, name = key.rpartition(".")
    if _UNKNOWN not in cause_line(root_of(error)) or not object_:
        return source_of(config, key)
    return f"{source_of(config, object_)}.{name}"


def _own_key(error: Exception) -> str:
    """The key that an error names itself."""
    named = {NicemlError: "key", OmegaConfBaseException: "full_key"}
    return next((str(getattr(error, name, None) or "") for kind, name in named.items() if isinstance(error, kind)), "")
