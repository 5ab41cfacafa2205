"""Hydra's process-wide state, and its grammar of overrides."""

from __future__ import annotations

import copy
import gc
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from types import FrameType
from typing import Any

import hydra
import omegaconf._utils
import omegaconf.base
from hydra import version
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.plugins import Plugins
from hydra.core.utils import JobRuntime, setup_globals
from hydra.errors import HydraDeprecationError, HydraException

from niceml_engine.config.composed import resolvers
from niceml_engine.config.text.limits import check_overrides
from niceml_engine.errors import ConfigError
from niceml_engine.values import Program

_ALONE = threading.RLock()  #: two projects may be composed at once, while one is left for another


def set_up() -> None:
    """Loads Hydra's plugins and registers its resolvers and ours; cheap the second time.

    OmegaConf parses an interpolation anew each time it is resolved, at a millisecond each; a parse tree is only read
    and depends on nothing but the text, so the parser gets a memory.
    """
    with _ALONE:
        for module in (omegaconf.base, omegaconf._utils):
            if not hasattr(module.parse, "cache_info"):
                vars(module)["parse"] = lru_cache(maxsize=4096)(module.parse)
        Plugins.instance()
        setup_globals()
        JobRuntime.instance().set("name", "app")
        resolvers.register()


@contextmanager
def hydra_world(version_base: str | None) -> Iterator[list[Any]]:
    """Sets Hydra's version base for a while, and collects the warnings that it gives; one thread at a time does."""
    with _ALONE, _based_on(version_base) as caught:
        yield caught


@contextmanager
def _based_on(version_base: str | None) -> Iterator[list[Any]]:
    singleton = version.VersionBase.instance()
    before = singleton.version_base
    with uncollected(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        version.setbase(version_base)
        caught.clear()  # see `advice`
        try:
            yield caught
        finally:
            singleton.version_base = before


def advice(program: Program) -> tuple[str, ...]:
    """What Hydra warns a program of that starts it as this one does: of its version base, or of what it leaves out."""
    given = {} if program.unversioned else {"version_base": program.version_base}
    path = {} if program.unversioned and program.pathless else {"config_path": None}
    singleton = version.VersionBase.instance()
    refused = []
    with _ALONE, warnings.catch_warnings(record=True) as caught:
        before = singleton.version_base
        warnings.simplefilter("always")
        try:
            hydra.main(**given, **path)
        except HydraDeprecationError as error:  # a person may want warnings to be errors
            refused.append(str(error))
        finally:
            singleton.version_base = before
    said = (*(str(item.message) for item in caught), *refused)
    starts = "@hydra.main()" if program.kind == "main" else "hydra.initialize()"
    return tuple(text.replace("@hydra.main()", starts) for text in said)


@contextmanager
def uncollected() -> Iterator[None]:
    """Lets the garbage collector rest: a config is many small objects that all stay, which it would count anew."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@lru_cache(maxsize=4096)
def parse(text: str) -> Override:
    """Parses an override; the result is shared, so copy it before use.

    Raises:
        OverrideParseException: It is none.
    """
    return OverridesParser.create().parse_overrides([text])[0]


def parsable(texts: tuple[str, ...]) -> list[Override]:
    """Those overrides that can be parsed; none where they are over a limit."""
    parsed: list[Override] = []
    try:
        check_overrides(texts)
    except ConfigError:
        return parsed
    for text in texts:
        with suppress(HydraException, RecursionError):
            parsed.append(copy.copy(parse(text)))
    return parsed


@lru_cache(maxsize=4096)
def is_writable(key: str) -> bool:
    """Whether Hydra's grammar can write a key left of `=`."""
    try:
        return bool(OverridesParser.create().parse_override(f"{key}=x").get_key_element() == key)
    except HydraException:
        return False


def running(function: Callable[..., object]) -> Iterator[dict[str, Any]]:
    """The local variables of the calls of a function that are on the stack, the innermost first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code is function.__code__:
            yield frame.f_locals
        frame = frame.f_back
