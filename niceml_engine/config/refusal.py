"""Why Hydra refused, said so that a person can mend it: which file, which line, which key, what would fit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from hydra.errors import MissingConfigException, OverrideParseException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from rapidfuzz import process

from niceml_engine.config.graph import stem
from niceml_engine.config.present import Drawing, missing_choice
from niceml_engine.config.provenance import is_branch
from niceml_engine.errors import ConfigError, NicemlError
from niceml_engine.values import Problem, Selection


@dataclass
class Progress:
    """How far a composition came: what an explanation of its failure can rest on.

    Attributes:
        layer: The config path that was being merged.
        package: Its package.
        override: The override that was being read or applied.
        number: Which one, from 1.
        config: What had been merged before overrides.
        drawing: The include structure, if that far.
    """

    layer: str = ""
    package: str = ""
    override: str = ""
    number: int = 0
    config: DictConfig | None = None
    drawing: Drawing = field(default_factory=Drawing)


def circle(chain: list[str]) -> ConfigError:
    """The error of configs that include each other in a circle."""
    last = chain[-1]
    start = len(chain) - 2 - chain[-2::-1].index(last) if last in chain[:-1] else 0
    names = [stem(name) for name in chain[start:]]
    return ConfigError(f"the defaults go round in a circle: {' → '.join(names)}; take one of these includes out")


def similar(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known names that are most like a name."""
    return [match[0] for match in process.extract(name, list(known), limit=limit, score_cutoff=70)]


def explain(error: BaseException, selection: Selection, progress: Progress, drawing: Drawing) -> Problem:
    """Says in one line why a selection cannot be composed."""
    return Problem(
        severity="error", code="composition", message=str(error).splitlines()[0] if str(error) else repr(error)
    )
