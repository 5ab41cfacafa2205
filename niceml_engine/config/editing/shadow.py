"""A folder that looks like the project, in which changes of files are tried without touching the project."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.setting import Setting
from niceml_engine.protocol.files import FileChange
from niceml_engine.values import Composed, Selection


@dataclass(frozen=True)
class Shadow:
    """The shadow of a project.

    Attributes:
        base: The real folder.
        folder: The one that looks like it.
        composer: Composes there.
    """

    base: Path
    folder: Path
    composer: Composer

    def at(self, file: str | Path) -> Path:
        """Where a real file stands in the shadow."""
        return self.folder / Path(file).relative_to(self.base)

    def write(self, file: str | Path, text: str | None) -> None:
        """Gives a file, one of those that the shadow was made for, another text; `None` takes it away."""
        if text is None:
            self.at(file).unlink(missing_ok=True)
        else:
            self.at(file).write_bytes(text.encode())

    def compose(self, selection: Selection) -> Composed:
        """What a selection of the project composes to in the shadow."""
        return self.composer.compose(Selection(str(self.at(selection.job)), selection.overrides))


@contextmanager
def shadow_of(setting: Setting, changes: Iterable[FileChange]) -> Iterator[Shadow]:
    """Makes a shadow of a project, in which some files are changed.

    The shadow links to everything but these files, so that it costs no more than the folders they lie in.

    Args:
        setting: Of the project.
        changes: What is changed. The files lie wherever they like; their folders need not exist.
    """
    made = tuple(changes)
    base = Path(os.path.commonpath([setting.root, *(os.path.dirname(change.file) for change in made)]))
    with tempfile.TemporaryDirectory(prefix="niceml-") as name:
        shadow = Path(os.path.realpath(name))
        _link(base, shadow, [Path(change.file).relative_to(base).parts for change in made])

        def moved(path: Path | None) -> Path | None:
            return shadow / path.relative_to(base) if path is not None and path.is_relative_to(base) else path

        there = replace(
            setting,
            root=shadow / setting.root.relative_to(base),
            working_dir=moved(setting.working_dir),
            config_dir=moved(setting.config_dir),
            python_path=tuple(moved(path) or path for path in setting.python_path),
        )
        made_there = Shadow(base, shadow, Composer(there))
        for change in made:
            made_there.write(change.file, change.after)
        yield made_there


def _link(real: Path, shadow: Path, hidden: list[tuple[str, ...]]) -> None:
    """Fills a folder with links to what lies in the real one, and with real folders on the way to hidden files."""
    below: dict[str, list[tuple[str, ...]]] = {}
    for first, *rest in hidden:
        below.setdefault(first, []).append(tuple(rest))
    for sibling in real.iterdir() if real.is_dir() else ():
        if sibling.name not in below:
            (shadow / sibling.name).symlink_to(sibling)
    for name, parts in below.items():
        if any(parts):
            (shadow / name).mkdir()
            _link(real / name, shadow / name, [part for part in parts if part])
