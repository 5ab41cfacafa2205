"""What the files of a project are called wherever there is little room."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from niceml_engine.visible import visible

CONFIG = (".yaml", ".yml")


class Names:
    """The shortest names that tell files apart: `mnist.yaml`, or `data/mnist.yaml` where others are called so too.

    Args:
        files: Paths of all files that there are.
    """

    def __init__(self, files: Iterable[str] = ()) -> None:
        self._files = tuple(files)
        self._found: dict[str, str] = {}

    @cached_property
    def _alike(self) -> dict[str, list[str]]:
        """The files by how they are called where they lie; split no further, as few of thousands are asked for."""
        alike: dict[str, list[str]] = {}
        for file in self._files:
            alike.setdefault(_stem(_name(file)), []).append(file)
        return alike

    def of(self, file: str) -> str:
        """The name of a file."""
        if file not in self._found:
            parts = _parts(file)
            others = {_parts(other) for other in self._alike.get(parts[-1], ())} - {parts}
            count = 1
            while count < len(parts) and any(other[-count:] == parts[-count:] for other in others):
                count += 1
            self._found[file] = visible("/".join((*parts[-count:-1], _name(file))))
        return self._found[file]

    def short(self, file: str) -> str:
        """The name of a file without the `.yaml` that all configs have; that of code keeps its ending."""
        return _stem(self.of(file))

    def place(self, file: str, line: int) -> str:
        """A line of a file: `mnist:3`, `app.py:14`; only the file where the line is not known."""
        return f"{self.short(file)}:{line}" if line else self.short(file)


def _parts(file: str) -> tuple[str, ...]:
    """The folders of a file and its name, without the `.yaml`: `a.yaml` and `a.yml` read alike."""
    *folders, name = file.replace("\\", "/").split("/")  # a path object would take ten times as long
    return (*folders, _stem(name))


def _name(file: str) -> str:
    return file.replace("\\", "/").rpartition("/")[2]


def _stem(name: str) -> str:
    return next((name.removesuffix(ending) for ending in CONFIG if name.endswith(ending)), name)
