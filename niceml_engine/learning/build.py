"""Objects out of configs, with errors that name the config key."""

from __future__ import annotations

import re
from typing import Any

from niceml_engine.errors import NicemlError, OpError
from niceml_engine.jobs.advice import cause_line, root_of
from niceml_engine.learning.blaming import argument, note

NO_PACKAGE = re.compile(r"No module named '(?P<module>.+)\.(?P<name>\w+)'; .* is not a package")
TARGET = re.compile(r"(?:target|Instantiating|class) '(?P<name>[^']+)'")
FULL_KEY = re.compile(r"\n\s*full_key: (?P<key>\S+)\s*$")


def build(config: Any, key: str) -> Any:
    """Builds what stands at a key of an op's config, by Hydra's `instantiate`.

    Lists and mappings inside arrive as plain Python ones, unless the config has a `_convert_` of its own.

    Args:
        config: The op's config (`DictConfig`).
        key: Where in it; dots lead deeper, and an empty one is all of it.

    Returns:
        The object; `None` where the config says `null` or nothing.

    Raises:
        OpError: A `_target_` does not exist or does not take an argument, or a value cannot be resolved.
        NicemlError: The object's own complaint.
    """
    from hydra.errors import InstantiationException
    from hydra.utils import instantiate
    from omegaconf import DictConfig, OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    node = OmegaConf.select(config, key) if key else config
    if node is None:
        return None
    convert = {} if isinstance(node, DictConfig) and "_convert_" in node else {"_convert_": "all"}
    full = config._get_full_key(key or None)
    try:
        made = instantiate(node, **convert)
    except InstantiationException as error:
        raise _explain(error, config, full) from error
    except OmegaConfBaseException as error:
        raise OpError(cause_line(error), key=str(error.full_key or full), details=str(error)) from error
    note(node, made)
    return made


def _explain(error: Exception, config: Any, full: str) -> NicemlError:
    """The error with the key to blame: the value that it names, else the target that cannot be found or called."""
    text = str(error)
    match = FULL_KEY.search(text)
    key = match["key"] if match else full
    key = re.sub(rf"^{re.escape(full)}(\d+)", rf"{full}[\1]", key)  # an item of a list, which Hydra writes without
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, NicemlError):
            key = cause.key or _argument(config, key, cause) or key
            return type(cause)(cause.message, file=cause.file, line=cause.line, key=key, details=text)
        cause = cause.__cause__
    target = TARGET.search(text)
    reason = _reason(error)
    if target is None:
        return OpError(reason, key=key, details=text)
    found = "locating" not in text
    blamed = _argument(config, key, root_of(error), target["name"]) if found else ""
    key = blamed or f"{key}._target_".removeprefix(".")
    return OpError(f"{target['name']} cannot be {'made' if found else 'found'}: {reason}", key=key, details=text)


def _argument(config: Any, key: str, error: BaseException, target: str = "") -> str:
    """The key of the one value of an object that an error is about; empty where that cannot be told."""
    from omegaconf import OmegaConf

    name = argument(OmegaConf.select(config._get_root(), key) if key else config, error, target.partition(".")[0])
    return f"{key}.{name}".removeprefix(".") if name else ""


def _reason(error: BaseException) -> str:
    """What the innermost error says, after its type where the text alone would say little."""
    error = root_of(error)
    line = NO_PACKAGE.sub(r"\g<module> has no \g<name>", cause_line(error) or type(error).__name__)
    return line if isinstance(error, ImportError | TypeError) else f"{type(error).__name__}: {line}"
