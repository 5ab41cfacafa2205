"""An option where it is used: alone at the top of a config, or in the places where a job has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import yaml

from niceml_engine.config.compose import Composer
from niceml_engine.config.editing.usages import Tree
from niceml_engine.errors import ConfigError
from niceml_engine.options import option_text
from niceml_engine.values import Composed, Selection

GLOBAL = "_global_"


def alone(tree: Tree, file: str, overrides: tuple[str, ...] = ()) -> Composed:
    """Composes an option as if it were all there is; what it takes from a job around it cannot be resolved then.

    Args:
        tree: The configs of the project.
        file: The option's file.
        overrides: Of the option's values.
    """
    group, _, name = tree.id_of(file).rpartition("/")
    content = {
        "defaults": [{f"/{group}@{GLOBAL}": name} if group else f"/{name}@{GLOBAL}", "_self_"],
        "hydra": {"searchpath": [f"file://{root}" for root in tree.roots]},
    }
    with TemporaryDirectory(prefix="niceml-") as folder:
        primary = Path(folder) / "alone.yaml"
        primary.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        composed = Composer(tree.setting).compose(Selection(str(primary), overrides))
    return msgspec.structs.replace(composed, selection=Selection(file, overrides))


def in_job(
    compose: Callable[[Selection], Composed], tree: Tree, file: str, selection: Selection
) -> tuple[Composed, tuple[str, ...]]:
    """Composes a job with an option in the places where the job uses it, or else could use it.

    Args:
        compose: Composes a selection.
        tree: The configs of the project.
        file: The option's file.
        selection: The job.

    Returns:
        The composed job, and the keys at which the option stands.

    Raises:
        ConfigError: The job does not compose, or has no place for the option.
    """
    group, _, name = tree.id_of(file).rpartition("/")
    composed = compose(selection)
    if composed.error is not None or not _keys(composed, file):
        # Overrides may speak of what only this option has: it is chosen before them.
        choices = compose(Selection(selection.job)).choices
        fitting = (one for one in choices if one.group == group and name in one.options and not one.is_list)
        key = next((one.key for one in fitting if one.key), "")
        if key:
            composed = compose(Selection(selection.job, (f"{key}={option_text(name)}", *selection.overrides)))
    if composed.error is not None:
        raise ConfigError.of(composed.error)
    keys = _keys(composed, file)
    if not keys:
        job = Path(selection.job).name
        raise ConfigError(f"{job} has no place for {group}/{name}; name a job that chooses from {group}", file=file)
    return composed, keys


def _keys(composed: Composed, file: str) -> tuple[str, ...]:
    nodes = {node.id for node in composed.nodes if node.file == file}
    packages = (edge.package for edge in composed.edges if edge.target in nodes)
    return tuple(dict.fromkeys("" if package == GLOBAL else package for package in packages))
