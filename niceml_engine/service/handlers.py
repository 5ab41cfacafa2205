"""Hands each request to what answers it, on the project that is open."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import structs

from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.hydras_own import with_hydras_options
from niceml_engine.config.projects.env_change import change_variable
from niceml_engine.config.projects.env_file import read_env
from niceml_engine.config.projects.environment import environment
from niceml_engine.config.projects.layout import Layout
from niceml_engine.config.projects.project import check_start, project_of, read_layout
from niceml_engine.config.projects.project_file import change
from niceml_engine.config.text.changes import take_back
from niceml_engine.errors import ProjectError
from niceml_engine.protocol.base import Nothing
from niceml_engine.protocol.configs import (
    Compose,
    ListFolder,
    OpenProject,
    Resolve,
    Scan,
)
from niceml_engine.protocol.frames import IN_TURN, News, Request
from niceml_engine.protocol.project import ChangeSetting, ChangeVariable, VariableChanged
from niceml_engine.runs.index import RunIndex
from niceml_engine.runs.trust import is_trusted
from niceml_engine.service.code_watch import CodeWatch
from niceml_engine.service.compare_answers import compare_answers
from niceml_engine.service.config_answers import config_answers
from niceml_engine.service.file_answers import file_answers, list_folder
from niceml_engine.service.form_answers import form_answers
from niceml_engine.service.imports import import_all, modules_of
from niceml_engine.service.interpreter import Elsewhere, composed_of
from niceml_engine.service.opened import Opened
from niceml_engine.service.project_answers import project_answers
from niceml_engine.service.resolving import Resolving
from niceml_engine.service.run_answers import run_answers
from niceml_engine.service.sample_answers import sample_answers
from niceml_engine.service.trials import Trials, trial_answers
from niceml_engine.service.trust_answers import trust_answers
from niceml_engine.service.watcher import Watcher
from niceml_engine.values import Composed, ConfigTree, Problem, Project


class Handlers:
    """Answers requests.

    Args:
        notify: Sends news to the window; may be called from any thread.
        trusted: Whether code of the project at a root may be run, in its own interpreter.
        modules: What this process itself imports for the configs that it makes; it serves configs alone then.
        python_path: Where these lie.
    """

    def __init__(
        self,
        notify: Callable[[News], None],
        trusted: Callable[[Path], bool] = is_trusted,
        modules: tuple[str, ...] = (),
        python_path: tuple[str, ...] = (),
    ) -> None:
        self._notify = notify
        self._trusted = trusted
        self._modules, self._python_path = modules, python_path
        self._elsewhere: Elsewhere | None = None
        self._making: object = None  # the modules of the project that make configs, as they were last read
        self._opened: Opened | None = None
        self._trials: Trials | None = None
        self._resolving: Resolving | None = None
        self._answers: dict[type, Callable[[Any], object]] = {}
        self._environment = dict(os.environ)  # without the `.env` of any project

    def handle(self, request: Request) -> object:
        """Answers a request.

        Raises:
            NicemlError: It cannot be done, and why.
        """
        if isinstance(request, OpenProject):
            return self._open(Path(request.path).expanduser())
        if isinstance(request, ListFolder):
            return list_folder(request.path)
        if self._opened is None:
            raise ProjectError("no project is open; open a folder with configs first")
        if isinstance(request, ChangeSetting):
            change(self._opened.root, request.name, request.texts)
            return self._open(self._opened.start)
        if isinstance(request, ChangeVariable):
            changed = change_variable(self._opened.root, request.name, request.value)
            self._env_changed(self._opened.root)
            return VariableChanged(environment(self._opened.project, self._opened.shell), changed)
        if not isinstance(request, IN_TURN):
            return self._answer(request)
        with self._opened.composing:
            if isinstance(request, Scan):
                return self._scan_anywhere(request)
            if self._elsewhere is not None and self._trusted(self._opened.root):
                return self._elsewhere.answer(request, self._answer)
            return self._answer(request)

    def close(self) -> None:
        """Ends the watching and what is tried; runs go on."""
        if self._trials is not None:
            self._trials.close()
        if self._opened is not None:
            self._opened.watcher.close()
        if self._elsewhere is not None:
            self._elsewhere.close()
        if self._resolving is not None:
            self._resolving.close()

    def _answer(self, request: Request) -> object:
        answer = self._answers[type(request)](request)
        return Nothing() if answer is None else answer

    def _take_env(self, root: Path) -> None:
        variables = {**read_env(root, self._environment), **self._environment}
        for gone in set(os.environ) - set(variables):
            del os.environ[gone]
        os.environ.update(variables)

    def _env_changed(self, root: Path) -> None:
        with suppress(ProjectError):  # what is wrong with it is told when the project is opened
            self._take_env(root)
        if self._elsewhere is not None:
            self._elsewhere.renew()

    def _open(self, path: Path) -> Project:
        taken_back = take_back()
        layout = read_layout(path)
        check_start(layout)
        project, root = project_of(layout), layout.root
        self._take_env(root)
        import_all(self._modules, self._python_path)  # before Hydra looks for plugins, which it does once
        project = structs.replace(project, tree=with_hydras_options(project.tree, layout.setting))
        self.close()
        watcher = Watcher(
            root,
            project.config_dirs,
            self._notify,
            self._environment,
            still=bool(self._modules),
            code=None if self._modules else CodeWatch(layout),
            env_changed=partial(self._env_changed, root),
        )
        composer = Composer(layout.setting)
        self._opened = Opened(project, composer, watcher, layout.start, self._environment, RunIndex(root))
        self._trials = Trials(project.root, self._notify)
        self._begin_elsewhere(layout)
        self._answers = {
            **config_answers(self._opened),
            **project_answers(self._opened),
            **file_answers(self._opened),
            **compare_answers(self._opened, self.handle),
            **form_answers(self._opened, self.handle),
            **run_answers(self._opened),
            **sample_answers(self._opened),
            **trust_answers(self._opened),
            **trial_answers(self._trials, self.handle),
            Scan: partial(self._scan, self._opened),
            Resolve: self._resolve,
        }
        return structs.replace(project, problems=(*project.problems, *map(_taken_back, taken_back)))

    def _scan(self, opened: Opened, request: Scan) -> ConfigTree:
        layout = read_layout(opened.start)
        if layout.setting != opened.composer.setting or modules_of(layout.setting) != self._making:
            opened.composer.turn_to(layout.setting)
            self._begin_elsewhere(layout)
        check_start(layout)
        return with_hydras_options(project_of(layout).tree, layout.setting)

    def _scan_anywhere(self, request: Scan) -> object:
        """Scans here, and where plugins may run, too, if only running them tells all that there is."""
        tree = self._answer(request)
        assert isinstance(tree, ConfigTree)
        assert self._opened is not None
        if tree.incomplete and self._elsewhere is not None and self._trusted(self._opened.root):
            return self._elsewhere.answer(request, lambda _: tree)
        return tree

    def _begin_elsewhere(self, layout: Layout) -> None:
        """Lets what only code of the project can do be done by its own interpreter."""
        for one in (self._elsewhere, self._resolving):
            if one is not None:
                one.close()
        self._elsewhere, self._making = None, modules_of(layout.setting)
        if self._making[0] and not self._modules:
            self._elsewhere = Elsewhere(layout.python, layout.setting, layout.start, self._environment)
        trusted = partial(self._trusted, layout.root)
        self._resolving = Resolving(layout.python, layout.setting, layout.start, self._environment, trusted)

    def _resolve(self, request: Resolve) -> Composed:
        composed = composed_of(self.handle(Compose(request.selection)))
        return self._resolving.resolve(composed) if self._resolving is not None else composed


def _taken_back(file: str) -> Problem:
    message = "a change of this file was interrupted and has been taken back"
    return Problem("warning", "taken-back", message, file)
