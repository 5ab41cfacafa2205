"""Writing what a person chose into config files, so that it needs no overrides any more.

Nothing is taken on trust: the new texts are composed in a shadow of the project before anybody may write them. A job
file or a preset must give the digest that the selection gave; where a value is written into the file that sets it,
all that this changes elsewhere is told.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import structs

from niceml_engine.config.compose import Composer
from niceml_engine.config.editing.effects import changed_keys, effects
from niceml_engine.config.editing.refactor import plan_new, relocated
from niceml_engine.config.editing.shadow import Shadow, shadow_of
from niceml_engine.config.editing.usages import Reading, Tree
from niceml_engine.config.editing.ways import Way, Ways
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text import edit
from niceml_engine.config.text.disk import read_file
from niceml_engine.errors import ConfigError
from niceml_engine.options import option_text
from niceml_engine.protocol.files import Effect, FileChange, FilePlan, Kept, SaveTo
from niceml_engine.values import Composed, Selection

PRESETS = "experiment"  #: the group in which presets lie, unless they are put elsewhere
_SUFFIXES = (".yaml", ".yml")
_OTHERWISE = "written there, it would not come out as it does now"
Texts = dict[str, str | None]


def plan_save(composer: Composer, tree: Tree, selection: Selection, to: SaveTo, target: str = "") -> FilePlan:
    """Plans to write a selection's overrides; see the functions below, and `protocol.PlanSave`."""
    match to:
        case "new-job" | "plain-job":
            return save_as_job(composer, tree, selection, target, plain=to == "plain-job")
        case "preset":
            return save_as_preset(composer, tree, selection, target)
        case "sources":
            return save_into_sources(composer, tree, selection)
    return _told(composer, tree, save_into_job(composer, selection))


def save_into_job(composer: Composer, selection: Selection) -> FilePlan:
    """Plans to write a selection's overrides into its job file.

    Choices change the defaults list, values the file's own body. Overrides that cannot be written so that the job
    composes to the same stay in the plan's selection.

    Raises:
        ConfigError: The selection does not compose, none of the overrides can be written, or Python makes the job.
    """
    job = selection.job
    _need_file(composer.setting, job)
    ways = _ways(composer, selection)
    text = read_file(job).text
    pen = _Pen(
        ways.composed,
        lambda kept: Selection(job, kept),
        lambda override: ways.into_job(job, override),
        selection.overrides,
    )
    return pen.plan(composer.setting, {job: text}, {job: text}, f"Save into {Path(job).name}")


def save_as_job(composer: Composer, tree: Tree, selection: Selection, target: str, plain: bool = False) -> FilePlan:
    """Plans a new job file from the one of the selection.

    Args:
        composer: Of the project.
        tree: Its configs.
        selection: What to write.
        target: The new file; relative paths belong to the project root.
        plain: Whether to leave the overrides out.

    Raises:
        ConfigError: As for `save_into_job`, or the target exists.
    """
    _need_file(composer.setting, selection.job)
    job, file = selection.job, _new_file(composer.setting, target)
    text = relocated(tree, job, file, read_file(job).text)
    title = f"New job {Path(file).stem}"
    if plain:
        selection = Selection(job)
        if composer.compose(selection).error is not None:  # a job in which a choice is missing is a template as well
            return FilePlan(title, (FileChange(file, None, text),), Selection(file))
    ways = _ways(composer, selection)
    pen = _Pen(
        ways.composed,
        lambda kept: Selection(file, kept),
        lambda override: ways.into_job(file, override),
        selection.overrides,
    )
    return pen.plan(composer.setting, {file: None}, {file: text}, title)


def save_as_preset(composer: Composer, tree: Tree, selection: Selection, target: str) -> FilePlan:
    """Plans a preset: a config that any job can take, with the overrides as entries and values.

    Args:
        composer: Of the project.
        tree: Its configs.
        selection: What to write.
        target: The preset's name, for the group `experiment`, or its file.

    Raises:
        ConfigError: As for `save_into_job`, or the preset exists.
    """
    main, _ = composer.setting.primary(selection.job)
    if main is None:
        raise made_in_python(selection.job, " and looks for no configs in files, so that it could take no preset")
    ways = _ways(composer, selection)
    reading = Reading("", tuple(folder for folder in (main, *tree.roots) if folder))
    refused: list[ConfigError] = []
    for file in _preset_files(reading, tree, target):
        (change,) = plan_new(tree, file, selection).changes
        try:
            return _preset(composer.setting, ways, change.file, reading.path_of(change.file))
        except ConfigError as error:
            refused.append(error)
    raise next(iter(refused), ConfigError("there is no folder of configs that a preset could lie in", file=target))


def _preset(setting: Setting, ways: Ways, file: str, config: str) -> FilePlan:
    """Plans the preset that is found as a config path; one that the selection takes already is included by it."""
    selection = ways.composed.selection
    places = [one for one in ways.composed.choices if one.key and config.startswith(f"{one.group}/")]
    place = max(places, key=lambda one: len(one.group), default=None)
    group = place.group if place is not None else os.path.dirname(config)
    name = config[len(group) + 1 :]
    key = place.key.lstrip("+") if place is not None else group
    taken = [text for text in selection.overrides if text.lstrip("+").partition("=")[0] == key]
    listed = place is not None and not any(text.startswith("+") for text in taken)
    text = f"# @package _global_\n# on top of {Path(selection.job).stem}\n"
    for other in place.chosen if place is not None else ():
        text = edit.add_default(text, other)
    pen = _Pen(
        ways.composed,
        lambda kept: Selection(selection.job, (f"{'' if listed else '+'}{key}={option_text(name)}", *kept)),
        lambda override: ways.into_preset(file, override),
        tuple(text for text in selection.overrides if text not in taken),
    )
    return pen.plan(setting, {file: None}, {file: text}, f"New preset {name}")


def save_into_sources(composer: Composer, tree: Tree, selection: Selection) -> FilePlan:
    """Plans to write each override into the very file that makes the choice or sets the value now.

    That file may be included elsewhere: what changes there is told by the plan's effects.

    Raises:
        ConfigError: As for `save_into_job`.
    """
    ways = _ways(composer, selection)
    job = selection.job
    in_python = job.endswith(".py")
    files = {way.file for override in selection.overrides for way in ways.into_sources(override)} | {job}
    texts: Texts = {file: read_file(file).text for file in sorted(files) if not (in_python and file == job)}
    if not texts:
        raise made_in_python(job, ", where these values are set")

    def means_it(after: Composed) -> bool:
        return all(ways.means(override, after) for override in selection.overrides)

    def places(override: str) -> list[Way]:
        found = ways.into_sources(override)
        return [Way(next(iter(texts)), _not_into_python) if way.file not in texts else way for way in found]

    pen = _Pen(ways.composed, lambda kept: Selection(job, kept), places, selection.overrides, means_it)
    plan = pen.plan(composer.setting, texts, dict(texts), "")
    names = ", ".join(Path(change.file).name for change in plan.changes)
    plan = structs.replace(plan, title=f"Save into {names}")
    with shadow_of(composer.setting, plan.changes) as trial:
        after = trial.compose(plan.selection)
    plan = _told(composer, tree, plan)
    if after.digest == ways.composed.digest:
        return plan
    own = Effect(plan.selection, changed_keys(ways.composed, after))
    return structs.replace(plan, effects=(own, *plan.effects))


def _told(composer: Composer, tree: Tree, plan: FilePlan) -> FilePlan:
    """The plan with what it does to other jobs."""
    jobs = tree.jobs_with(change.file for change in plan.changes)
    others = [(Selection(one), Selection(one)) for one in jobs if one != plan.selection.job]
    with shadow_of(composer.setting, plan.changes) as trial:
        found, unchecked = effects(composer, trial, plan.changes, others)
    return structs.replace(plan, effects=found, unchecked=unchecked)


def composes_at(setting: Setting, file: Path, text: str) -> str:
    """The digest of what a job file would compose to if it stood somewhere; empty if it would not compose."""
    with shadow_of(setting, [FileChange(str(file), None, text)]) as trial:
        return trial.compose(Selection(str(file))).digest


def made_in_python(job: str, why: str = ", so that it cannot be saved as a job file", also: str = "") -> ConfigError:
    """What is said where a job would have to be a file of its own, but code makes it.

    Args:
        job: The script that makes it.
        why: How the sentence goes on.
        also: What else can be done than to export it.
    """
    return ConfigError(f"the job is made in Python{why}; {also}export it as yaml, overrides or command", file=job)


def _need_file(setting: Setting, job: str) -> None:
    if job.endswith(".py"):
        raise made_in_python(job, also="save a preset, or " if setting.primary(job)[0] is not None else "")


def _not_into_python(text: str) -> str:
    raise ConfigError("the job is made in Python")


def _ways(composer: Composer, selection: Selection) -> Ways:
    composed = composer.compose(selection)
    if composed.error is not None:
        error = composed.error
        raise ConfigError(f"cannot be saved: {error.message}", file=error.file, line=error.line, key=error.key)
    ways = Ways(composed, composed)
    chosen = tuple(override for override in selection.overrides if ways.is_choice(override))
    return Ways(composed, composer.compose(Selection(selection.job, chosen)))


def _new_file(setting: Setting, target: str) -> str:
    path = Path(os.path.normpath(setting.root / Path(target).expanduser()))
    if path.suffix not in _SUFFIXES:
        path = path.with_name(f"{path.name}.yaml")
    if not path.is_relative_to(setting.root):
        raise ConfigError(f"it would lie outside of the project; choose a folder in {setting.root}", file=str(path))
    if path.exists():
        raise ConfigError("the file exists already; choose another name", file=str(path))
    return str(path)


def _preset_files(reading: Reading, tree: Tree, target: str) -> list[str]:
    if os.sep in target:
        return [str(tree.setting.root / target)]
    folders = [os.path.join(source, PRESETS) for source in reading.sources if tree.holds(os.path.join(source, PRESETS))]
    folders.sort(key=lambda folder: (not os.path.isdir(folder), len(folder)))  # beside others, else far up
    return [os.path.join(folder, target) for folder in folders]


@dataclass
class _Pen:
    """Writes overrides into texts, one after the other, as far as it composes to the same.

    Attributes:
        composed: What must come out.
        read: The selection that is read from the written files, with the overrides that are left.
        ways: The ways to write an override.
        overrides: What to write.
        means_it: Whether another outcome is right too.
    """

    composed: Composed
    read: Callable[[tuple[str, ...]], Selection]
    ways: Callable[[str], list[Way]]
    overrides: tuple[str, ...]
    means_it: Callable[[Composed], bool] = lambda _: False
    _trial: Shadow = field(init=False)
    _tried: Texts = field(init=False, default_factory=dict)

    def plan(self, setting: Setting, before: Texts, texts: Texts, title: str) -> FilePlan:
        """Plans to write what can be written.

        Args:
            setting: Of the project.
            before: The files as they are.
            texts: The texts to begin with.
            title: What the plan is called.

        Raises:
            ConfigError: There is nothing that can be written.
        """
        with shadow_of(setting, [FileChange(file, before[file], text) for file, text in texts.items()]) as trial:
            self._trial, self._tried = trial, dict(texts)
            after, kept = self._write(texts)
        changed = [FileChange(file, before[file], text) for file, text in after.items() if text != before[file]]
        return FilePlan(title, tuple(changed), self.read(tuple(one.override for one in kept)), kept=kept)

    def _write(self, texts: Texts) -> tuple[Texts, tuple[Kept, ...]]:
        """Moves overrides into the texts; returns these and the overrides that stay."""
        overrides = self.overrides
        with suppress(ConfigError):  # else one by one, to find out which
            whole = texts
            for override in overrides:
                whole = self._first(override, whole)
            if self._fits(whole, ()):
                return whole, ()
        if not self._fits(texts, overrides):
            raise ConfigError(
                "the job means something else in this folder, because its defaults are looked up beside it; "
                "save it into the folder of the job that it comes from",
                file=next(iter(texts)),
            )
        return self._one_by_one(texts)

    def _one_by_one(self, texts: Texts) -> tuple[Texts, tuple[Kept, ...]]:
        overrides = self.overrides
        kept: list[Kept] = []
        for index, override in enumerate(overrides):
            rest = overrides[index + 1 :]
            reason = ""
            for way in self.ways(override):
                try:
                    tried = _edited(texts, way)
                except ConfigError as error:
                    reason = reason or error.message
                    continue
                if self._fits(tried, (*(one.override for one in kept), *rest)):
                    texts = tried
                    break
            else:
                kept.append(Kept(override, reason or _OTHERWISE))
        if len(kept) == len(overrides):
            file, reason = next(iter(texts)), kept[0].reason
            raise ConfigError(
                f"{overrides[0]} cannot be saved into this file without changing what it means"
                + (f" ({reason})" if reason != _OTHERWISE else "")
                + _advice(texts[file] or ""),
                file=file,
            )
        return texts, tuple(kept)

    def _first(self, override: str, texts: Texts) -> Texts:
        """Goes the first way that is possible."""
        for way in self.ways(override):
            with suppress(ConfigError):
                return _edited(texts, way)
        raise ConfigError("it cannot be written into this file")

    def _fits(self, texts: Texts, overrides: tuple[str, ...]) -> bool:
        for file, text in texts.items():
            if text != self._tried[file]:
                self._trial.write(file, text)
                self._tried[file] = text
        after = self._trial.compose(self.read(overrides))
        return after.error is None and (after.digest == self.composed.digest or self.means_it(after))


def _edited(texts: Texts, way: Way) -> Texts:
    return {**texts, way.file: way.edit(texts[way.file] or "")}


def _advice(text: str) -> str:
    entries = edit.defaults(text)
    if entries and entries[-1] != "_self_":
        return "; its defaults list does not end with `_self_`, so that its includes win: move `- _self_` to the end"
    return "; keep it as an override, or write it into the included file that sets it"
