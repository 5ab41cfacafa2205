"""New, renamed, moved and deleted config files: planned as changes of all files that it takes.

A rename rewrites every entry of a defaults list that names the file, and, if it goes to another group, the entries
in the file itself; each keeps its form. Then the jobs are composed with these changes: they should not notice.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace

import msgspec

from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.world import parse as parse_override
from niceml_engine.config.composed.graph import stem
from niceml_engine.config.editing.effects import effects
from niceml_engine.config.editing.entries import Include, includes, undecided
from niceml_engine.config.editing.shadow import shadow_of
from niceml_engine.config.editing.usages import SUFFIXES, Reading, Tree
from niceml_engine.config.text.changes import text_of
from niceml_engine.config.text.files import parse
from niceml_engine.config.text.lines import newline
from niceml_engine.errors import ConfigError
from niceml_engine.options import option_text, options_text
from niceml_engine.protocol.files import FileChange, FilePlan, Usage
from niceml_engine.values import Composed, Selection

_NAME = re.compile(r"\w[\w.+-]*")  #: what Hydra's grammar takes for a name wherever one may stand
_HEADER = re.compile(r"\s*#\s*@package\s+(?!_group_\s*$)\S", re.MULTILINE)  #: `_group_` alone is where it goes anyway


def plan_new(tree: Tree, file: str, selection: Selection, like: str = "") -> FilePlan:
    """Plans a new config.

    Args:
        tree: The configs.
        file: Where; without a suffix it gets `.yaml`.
        selection: What the person looks at.
        like: A config to copy; its entries name the same files in the new place.

    Raises:
        ConfigError: The name is taken or none that Hydra can read, or an entry cannot be rewritten.
    """
    place = _place(tree, file, like or ".yaml")
    text = relocated(tree, like, place, _read(like)) if like else ""
    title = f"New {_stem(place)}" + (f" like {_stem(like)}" if like else "")
    return FilePlan(title, (FileChange(place, None, text),), selection)


def plan_move(composer: Composer, tree: Tree, file: str, target: str, selection: Selection) -> FilePlan:
    """Plans to rename or move a config.

    Args:
        composer: Of the project.
        tree: The configs.
        file: Which.
        target: Where to; without a suffix it keeps its own.
        selection: What the person looks at.

    Raises:
        ConfigError: The name is taken or none that Hydra can read, or an entry cannot be rewritten.
    """
    _need_own(tree, file)
    place = _place(tree, target, file)
    composed = composer.compose(selection) if selection.job else Composed(selection)
    overrides = selection.overrides
    if composed.error is None:
        overrides = tuple(_override(tree, composed, text, file, place) for text in overrides)
    then = Selection(place if selection.job == file else selection.job, overrides)
    same_folder = os.path.dirname(file) == os.path.dirname(place)
    title = f"Rename {_stem(file)} to {_stem(place)}"
    if not same_folder:
        title = f"Move {_stem(file)} to {tree.id_of(place)}"
    plans: list[FilePlan] = []
    overridden = any(tree.overriding(os.path.dirname(tree.id_of(file))))
    for same_group in (True,) if overridden else (False, True):
        changes = _moves(tree, file, place, same_group)
        plan = FilePlan(title, changes, then, _lost(tree, changes))
        if plans and plan.changes == plans[0].changes:
            break
        plans.append(_checked(composer, tree, plan, selection))
        if not plans[-1].effects:
            return plans[-1]
    _check_truth(tree, file, plans[0], selection)
    return plans[0]


def _check_truth(tree: Tree, file: str, plan: FilePlan, before: Selection) -> None:
    """Refuses what would give an option of a list another meaning: such entries have no second way to be written.

    Raises:
        ConfigError: A list of options that names the file composes to something else.
    """
    effect = next(iter(plan.effects), None)
    if effect is None or os.path.dirname(file) == os.path.dirname(plan.changes[1].file):
        return
    why = effect.error or f"{', '.join(effect.keys[:3])} would change in {tree.id_of(effect.selection.job)}"
    changed = (one for one, then in zip(before.overrides, plan.selection.overrides, strict=True) if one != then)
    override = next((one for one in changed if isinstance(parse_override(one).value(), list)), "")
    if override:
        message = f"the override {override} cannot be rewritten, take it out first: {why}"
        raise ConfigError(message, file=effect.selection.job)
    for parsed, include, _ in tree.users(file):
        if include.listed:
            message = f"the entry `{include}`, one of a list, cannot be rewritten: {why}"
            raise ConfigError(message, file=parsed.path, line=include.line, key="defaults")


def plan_delete(composer: Composer, tree: Tree, file: str, selection: Selection) -> FilePlan:
    """Plans to delete a config; the plan says who names it and which jobs would miss it.

    Raises:
        ConfigError: The file cannot be read.
    """
    _need_own(tree, file)
    changes = (FileChange(file, _read(file), None),)
    plan = FilePlan(f"Delete {_stem(file)}", changes, selection, _lost(tree, changes))
    return _checked(composer, tree, plan, selection)


def _need_own(tree: Tree, file: str) -> None:
    """Refuses to touch what only lies on the search path, such as an installed package."""
    if not os.path.abspath(file).startswith(os.path.join(tree.setting.root, "")):
        raise ConfigError(f"the file lies outside of the project {tree.setting.root} and is only read", file=file)


def _lost(tree: Tree, changes: tuple[FileChange, ...]) -> tuple[Usage, ...]:
    """What names the file that goes away and is not rewritten, or may do so."""
    written, file = {change.file for change in changes}, changes[0].file
    return tuple(usage for usage in (*tree.usages(file), *tree.broken(file)) if usage.file not in written)


def _checked(composer: Composer, tree: Tree, plan: FilePlan, selection: Selection) -> FilePlan:
    moved = _moved_job(plan.changes)
    jobs = tree.jobs_with(change.file for change in plan.changes)
    selections = [(Selection(job), Selection(moved.get(job, job))) for job in jobs if moved.get(job, job)]
    stays = moved.get(selection.job, selection.job)
    if stays and (selection.overrides or selection.job not in tree.jobs):
        selections.insert(0, (selection, plan.selection))
    with shadow_of(composer.setting, plan.changes) as trial:
        found, unchecked = effects(composer, trial, plan.changes, selections)
    return msgspec.structs.replace(plan, effects=found, unchecked=unchecked)


def _moved_job(changes: Iterable[FileChange]) -> dict[str, str]:
    """Where the file that goes away reappears; nowhere: it is deleted."""
    gone = [change.file for change in changes if change.after is None]
    new = [change.file for change in changes if change.before is None] or [""]
    return dict(zip(gone, new, strict=False))


# ------------------------------------------------------------------------------------------------- places


def _place(tree: Tree, target: str, like: str) -> str:
    suffix = os.path.splitext(like)[1] or like
    place = os.path.normpath(target if target.endswith(SUFFIXES) else f"{target}{suffix}")
    if not tree.holds(place):
        raise ConfigError(f"a config lies in {' or '.join(tree.roots)}; choose a folder there", file=place)
    for part in tree.id_of(place).split("/"):
        if not _NAME.fullmatch(part):
            message = f"{part!r} is no name that Hydra can read; use letters, digits, `_`, `-` and `.`"
            raise ConfigError(message, file=place)
    taken = [place, *(stem(place) + suffix for suffix in SUFFIXES)]
    if any(map(os.path.exists, taken)):
        raise ConfigError("there is a file of this name already; choose another name", file=place)
    return place


def _read(file: str) -> str:
    text = text_of(file)
    if text is None:
        raise ConfigError("the file does not exist any more", file=file)
    return text


def _stem(file: str) -> str:
    return stem(os.path.basename(file))


# ------------------------------------------------------------------------------------------------- entries


def _moves(tree: Tree, file: str, place: str, same_group: bool) -> tuple[FileChange, ...]:
    own = _read(file)
    headed = _is_headed(own)
    texts: dict[str, tuple[str, str]] = {}
    for parsed, include, reading in tree.users(file):
        before, after = texts.get(parsed.path) or (_read(parsed.path),) * 2
        config = reading.path_of(place)
        new = include.naming(config, reading.base, headed=headed, same_group=same_group)
        _check_list(tree, parsed.path, include, new, headed=headed)
        if include.listed and new.package != include.package:
            _check_overriding(tree, parsed.path, include, reading)
        texts[parsed.path] = before, _written(parsed.path, include, after, new)
    _, after = texts.pop(file, (own, own))
    moved = relocated(tree, file, place, after)
    changed = (FileChange(name, before, after) for name, (before, after) in sorted(texts.items()))
    return (FileChange(file, own, None), FileChange(place, None, moved), *changed)


def _check_list(tree: Tree, user: str, include: Include, new: Include, *, headed: bool) -> None:
    """Refuses what would put other options of a list elsewhere.

    Raises:
        ConfigError: The entry would need a package of its own, which is that of all options of its list.
    """
    if not include.listed or headed or include.package is not None or new.usual_package == include.usual_package:
        return
    others = [one for one in includes(parse(_read(user), user)) if one.path[:3] == include.path[:3]]
    goals = [goal[0] for one in others if (goal := tree.resolve(one, user)) is not None]
    apart = len({one.usual_package for one in others}) > 1 or any(_is_headed(_read(goal)) for goal in goals)
    if apart or include.override:
        raise ConfigError(
            f"the entry `{include}` stands in a list whose options go where their folders say, and none can be named "
            "elsewhere; give it an entry of its own first",
            file=user,
            line=include.line,
            key="defaults",
        )


def _check_overriding(tree: Tree, user: str, include: Include, reading: Reading) -> None:
    """Refuses to give a list a package where what overrides the list names an option that goes elsewhere by itself.

    Raises:
        ConfigError: The list's package would win over that option's own.
    """
    for parsed, other in tree.overriding(include.group_path(reading.base)):
        goal = tree.resolve(other, parsed.path) if other.name else None
        apart = other.listed and "/" in other.name
        if apart or (goal is not None and _is_headed(_read(goal[0]))):
            where = f"{tree.id_of(parsed.path)}:{other.line}"
            raise ConfigError(
                f"the entry `{include}` cannot get a package of its own, as `{other}` ({where}), which goes elsewhere, "
                "takes its place; give it an entry of its own first",
                file=user,
                line=include.line,
                key="defaults",
            )


def relocated(tree: Tree, file: str, place: str, text: str) -> str:
    """The text of a config as it means the same in another place.

    A relative entry looks from the group under which its file was chosen, which need not be the file's folder
    (`group: folder/name`), so what would name something else is made absolute.
    """
    if os.path.dirname(file) == os.path.dirname(place):
        return text
    there = replace(tree, jobs=(*tree.jobs, place)) if file in tree.jobs else tree
    readings = there.readings(place)
    for include in includes(parse(text, file)):
        named = tree.resolve(include, file)
        if named is None or named[0] == file:
            continue
        goal, reading = named
        if all(one.find(include.config(one.base)) == goal for one in readings):
            continue
        other = next(one for one in readings if one.path_of(goal))
        headed = _is_headed(_read(goal))
        moved = include.naming(other.path_of(goal), reading.base, absolute=True, headed=headed)
        text = _written(file, include, text, moved)
    bases = [one.base for one in tree.readings(file)][:1]
    for include in undecided(parse(text, file)) if bases else ():
        group = include.group_path(bases[0])
        if any(include.group_path(one.base) != group for one in readings):
            text = _written(file, include, text, include.from_top(bases[0]))
    if file in tree.jobs and bases == [""] and any(one.base for one in readings) and not _is_headed(text):
        mark = text[: len(text) - len(text.removeprefix("\ufeff"))]  # in a folder, a job would go to that's package
        text = f"{mark}# @package _global_{newline(text)}{text.removeprefix(mark)}"
    return text


def _is_headed(text: str) -> bool:
    return bool(_HEADER.match(text.removeprefix("\ufeff")))


def _written(file: str, include: Include, text: str, new: Include) -> str:
    try:
        return include.write(text, new)
    except ConfigError as error:
        message = f"the entry `{include}` cannot be rewritten: {error.message}"
        raise ConfigError(message, file=file, line=include.line, key="defaults") from error


def _override(tree: Tree, composed: Composed, text: str, file: str, place: str) -> str:
    """An override with the new name of a config where it chooses the old one."""
    parsed = parse_override(text)
    key = parsed.get_key_element().lstrip("+~")
    choice = next((one for one in composed.choices if one.key.lstrip("+") == key), None)
    if choice is None or parsed.is_delete():
        return text
    reading = Reading("", (os.path.dirname(composed.selection.job), *tree.roots))
    value = parsed.value()
    names = [str(name) for name in value] if isinstance(value, list) else [str(value)]
    new = [
        os.path.relpath(reading.path_of(place), choice.group) + name[len(stem(name)) :]
        if reading.find(os.path.normpath(f"{choice.group}/{stem(name)}")) == file
        else name
        for name in names
    ]
    if new == names:
        return text
    written = options_text(new) if isinstance(value, list) else option_text(new[0])
    return f"{text.partition('=')[0]}={written}"
