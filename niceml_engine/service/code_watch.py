"""Noticing what changes in the Python files of a project, as far as its configs depend on them."""

from __future__ import annotations

from itertools import islice

from niceml_engine.config.projects.layout import Layout
from niceml_engine.config.projects.scripts import MAX_FILES, Code, python_files, read_script
from niceml_engine.config.text.files import Signature, signature
from niceml_engine.errors import ProjectError
from niceml_engine.service.imports import makers_of


class CodeWatch:
    """Python files that make configs, start Hydra, or declare what such configs hold.

    Nothing is told of all the others. Only states of files and folders are asked for, until one has changed.

    Args:
        layout: The project, as it was read.
    """

    def __init__(self, layout: Layout) -> None:
        self._root, self._start = layout.root, layout.start
        self._concerned = _concerned(layout)
        self._states = self._look()

    def changed(self) -> tuple[str, ...]:
        """The files that came, went or were edited since the last time."""
        states = self._look()
        if states == self._states:
            return ()
        differ = [file for file in {**self._states, **states} if self._states.get(file) != states.get(file)]
        self._states = states
        told = tuple(sorted(file for file in differ if self._concerns(file)))
        if told:
            self._renew()
        return told

    def _concerns(self, file: str) -> bool:
        return file in self._concerned or read_script(file, str(self._root)) != Code()

    def _look(self) -> dict[str, Signature | None]:
        found = islice(python_files(str(self._root)), MAX_FILES)
        return {file: signature(file) for file in (*self._concerned, *found)}

    def _renew(self) -> None:
        try:
            self._concerned = _concerned(Layout.read(self._root, self._start))
        except ProjectError:  # what is wrong with its settings is told elsewhere
            return
        self._states |= {file: signature(file) for file in self._concerned - self._states.keys()}


def _concerned(layout: Layout) -> frozenset[str]:
    others = (file for file, _ in layout.code.others)
    return frozenset((*makers_of(layout.setting), *(one.file for one in layout.code.programs), *others))
