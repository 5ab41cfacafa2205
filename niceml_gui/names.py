"""What the files of a project are called wherever there is little room."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from niceml_engine.visible import visible

CONFIG = (".yaml", ".yml")


class Names:
    """The shortest names that tell files apart: `mnist.yaml`, or `data/mnist.yaml` where others are called so too.

    Args:
        files: Paths of all files that there are.
    """

    def __init__(self, files: Iterable[str] = ()) -> None:
        self._alike: dict[str, set[tuple[str, ...]]] = {}
        self._found: dict[str, str] = {}
        for file in files:
            parts = _parts(file)
            self._alike.setdefault(parts[-1], set()).add(parts)

    def of(self, file: str) -> str:
        """The name of a file."""
        if file not in self._found:
            parts = _parts(file)
            others = self._alike.get(parts[-1], set()) - {parts}
            count = 1
            while count < len(parts) and any(other[-count:] == parts[-count:] for other in others):
                count += 1
            self._found[file] = visible("/".join((*parts[-count:-1], PurePosixPath(file).name)))
        return self._found[file]

    def short(self, file: str) -> str:
        """The name of a file without the `.yaml` that all configs have; that of code keeps its ending."""
        name = self.of(file)
        return next((name.removesuffix(ending) for ending in CONFIG if name.endswith(ending)), name)

    def place(self, file: str, line: int) -> str:
        """A line of a file: `mnist:3`, `app.py:14`; only the file where the line is not known."""
        return f"{self.short(file)}:{line}" if line else self.short(file)


def _parts(file: str) -> tuple[str, ...]:
    """The folders of a file and its name, without the `.yaml`: `a.yaml` and `a.yml` read alike."""
    *folders, name = file.replace("\\", "/").split("/")  # a path object would take ten times as long
    return (*folders, next((name.removesuffix(ending) for ending in CONFIG if name.endswith(ending)), name))
