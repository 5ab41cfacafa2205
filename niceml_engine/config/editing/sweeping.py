"""Saving what is swept where Hydra looks for it: in `hydra.sweeper.params` of a job file or a preset.

A file composes to one config, so that a value of several is not written beside the others. Hydra's basic sweeper reads
what its params hold as overrides that come first, once it is started with `--multirun`.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import structs

from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.sweeps import expand
from niceml_engine.config.editing.save import plan_save
from niceml_engine.config.editing.shadow import shadow_of
from niceml_engine.config.editing.usages import Tree
from niceml_engine.config.text import edit
from niceml_engine.config.text.disk import read_file
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.files import FileChange, FilePlan, SaveTo
from niceml_engine.values import Selection

_PARAMS = ("hydra", "sweeper", "params")


def plan_saving(composer: Composer, tree: Tree, selection: Selection, to: SaveTo, target: str = "") -> FilePlan:
    """Plans to write a selection's overrides, those that take several values too; see `protocol.PlanSave`.

    Raises:
        ConfigError: As for `plan_save`, or what is swept cannot be kept.
    """
    places = expand(composer, selection).swept if to != "plain-job" else ()
    if not places:
        return plan_save(composer, tree, selection, to, target)
    swept = [text for place, text in enumerate(selection.overrides) if place in places]
    if to == "sources":
        raise ConfigError(
            f"{swept[0]} takes several values, and a file holds one; save it into the job, or as a preset"
        )
    rest = tuple(text for text in selection.overrides if text not in swept)
    plan = plan_save(composer, tree, structs.replace(selection, overrides=rest), to, target)
    first, *others = plan.changes or (_unchanged(selection.job),)
    text = first.after or ""
    for override in swept:
        key, _, values = override.partition("=")
        text = edit.set_value(text, (*_PARAMS, key.strip()), values.strip())
    kept = structs.replace(plan, changes=(structs.replace(first, after=text), *others))
    return _checked(composer, plan, kept, swept)


def _unchanged(file: str) -> FileChange:
    text = read_file(file).text
    return FileChange(file, text, text)


def _checked(composer: Composer, plan: FilePlan, kept: FilePlan, swept: list[str]) -> FilePlan:
    """The plan with what is swept, if Hydra's sweeper finds it there and nothing else changes by it."""
    digests = []
    for one in (plan, kept):
        with shadow_of(composer.setting, kept.changes) as trial:
            for change in one.changes:
                trial.write(change.file, change.after)
            digests.append(trial.compose(one.selection).digest)
            at = structs.replace(one.selection, job=str(trial.at(one.selection.job)))
            found = trial.composer.sweeper_params(at)
    if digests[0] != digests[1] or not {*swept} <= {*found}:
        raise ConfigError(
            f"{Path(kept.changes[0].file).name} cannot hold {', '.join(swept)}: Hydra's sweeper would not find it in "
            "hydra.sweeper.params as it is; export it as a command line or as overrides",
            file=kept.changes[0].file,
        )
    return kept
