"""The commands for config files: usages, mv."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from niceml_engine.cli import common
from niceml_engine.cli.drawing import to_json
from niceml_engine.protocol.files import FileChange, FilePlan, Usage
from niceml_engine.values import Selection

if TYPE_CHECKING:
    from niceml_engine.config.editing.usages import Tree

OptionWord = Annotated[
    str, typer.Argument(metavar="OPTION", help="A config file, or its id as in ops/train/op_train_base.")
]


@common.taking(common.Plain)
def usages(_: common.Plain, option: OptionWord, format: common.Format = "text") -> None:
    """List every entry of a defaults list that names a config."""
    common.one_of(format)
    tree = _tree(option)
    file = option if _is_hydras(option, tree) else tree.file(option)
    found = tree.usages(file)
    if format == "json":
        print(to_json(found))
        return
    _list(found)
    if not found:
        print(f"nothing names {tree.id_of(file)}")


@common.taking(common.Plain)
def mv(
    _: common.Plain,
    option: OptionWord,
    new: Annotated[str, typer.Argument(metavar="NEW", help="A name in the same group, or the new file or id.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be changed.")] = False,
) -> None:
    """Rename or move a config, and every entry that names it."""
    from niceml_engine.config.compose import Composer
    from niceml_engine.config.editing.refactor import plan_move
    from niceml_engine.config.text.changes import write_all

    tree, file = find_option(option)
    plan = plan_move(Composer(tree.setting), tree, file, _target(tree, file, new), Selection(""))
    if dry_run:
        for change in plan.changes:
            _diff(change)
    else:
        write_all(plan.changes)
        entries = sum(_differs(change) for change in plan.changes)
        files = sum(change.before is not None and change.after is not None for change in plan.changes)
        count = f"{entries} {'entry' if entries == 1 else 'entries'} in {files} {'file' if files == 1 else 'files'}"
        print(f"{plan.title}: {count}" if files else plan.title)
    _warn(plan)


def find_option(option: str) -> tuple[Tree, str]:
    """The configs of the project that an option belongs to, or that the person stands in, and the option's file."""
    tree = _tree(option)
    return tree, tree.file(option)


def _is_hydras(option: str, tree: Tree) -> bool:
    """Whether an option is one that Hydra or a plugin brings."""
    from niceml_engine.config.compose.hydras_own import with_hydras_options
    from niceml_engine.values import ConfigTree

    if not option.startswith("hydra/"):
        return False
    return any(one.id == option for one in with_hydras_options(ConfigTree(tree.options), tree.setting).hydra)


def _tree(option: str) -> Tree:
    from niceml_engine.config.editing.usages import Tree
    from niceml_engine.config.projects.env_file import load_env
    from niceml_engine.config.projects.project import project_of, read_layout

    file = Path(option).expanduser()
    layout = read_layout(read_layout(file if file.is_file() else Path.cwd(), Path.cwd()).root)
    load_env(layout.root)
    return Tree.of(project_of(layout), layout.setting)


def _target(tree: Tree, file: str, new: str) -> str:
    if os.sep not in new:
        return os.path.join(os.path.dirname(file), new)
    path = os.path.abspath(os.path.expanduser(new))
    if tree.holds(path):
        return path
    root = next(root for root in tree.roots if file.startswith(root + os.sep))
    return os.path.join(root, new)


def _list(found: tuple[Usage, ...]) -> None:
    for usage in found:
        print(f"{common.shown(usage.file)}:{usage.line}  {usage.text}")


def _diff(change: FileChange) -> None:
    before, after = (text.splitlines() if text is not None else [] for text in (change.before, change.after))
    name = common.shown(change.file)
    old, new = (name if text is not None else os.devnull for text in (change.before, change.after))
    for line in difflib.unified_diff(before, after, old, new, lineterm="", n=1):
        print(line)


def _differs(change: FileChange) -> int:
    if change.before is None or change.after is None:
        return 0
    return sum(one != other for one, other in zip(change.before.splitlines(), change.after.splitlines(), strict=False))


def _warn(plan: FilePlan) -> None:
    for usage in plan.usages:
        print(f"still names it: {common.shown(usage.file)}:{usage.line}  {usage.text}", file=sys.stderr)
    for effect in plan.effects:
        first, *more = effect.keys or ("",)
        what = effect.error or (f"{len(effect.keys)} values change, first {first}" if more else f"{first} changes")
        print(f"affected: {common.shown(effect.selection.job)}: {what}", file=sys.stderr)
    for job in plan.unchecked:
        print(f"could not be checked: {common.shown(job)}", file=sys.stderr)
