"""What the service does for each request, on the project that is open."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from niceml_engine import protocol as ask
from niceml_engine.config.compose import Composer
from niceml_engine.config.export import export
from niceml_engine.config.project import Setting, load_env, open_project
from niceml_engine.config.save import save
from niceml_engine.errors import ConfigError, ProjectError, RunError
from niceml_engine.protocol import News
from niceml_engine.runs.enqueue import enqueue
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.service.watcher import Watcher
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.experiments import list_experiments
from niceml_engine.store.location import Location
from niceml_engine.values import ENDED, ConfigTree, Experiment, Problem, Project, RunState, Selection

MAX_TEXT = 16 * 1024 * 1024  #: bytes of a file that the window may show

#: Answered one after the other by the thread that owns the composer.
CONFIG_REQUESTS = (
    ask.OpenProject,
    ask.Scan,
    ask.Compose,
    ask.CheckSelection,
    ask.Save,
    ask.Export,
    ask.StartRun,
)


class Handlers:
    """Answers requests.

    Args:
        notify: Sends news to the window; may be called from any thread.
    """

    def __init__(self, notify: Callable[[News], None]) -> None:
        self._notify = notify
        self._project: Project | None = None
        self._composer: Composer | None = None
        self._watcher: Watcher | None = None
        self._environment = dict(os.environ)  # without the `.env` of any project
        self._composing = threading.Lock()  # a composer serves one thread at a time
        self._answers: dict[type, Callable[[Any], object]] = {
            ask.OpenProject: self._open,
            ask.Scan: self._scan,
            ask.Compose: lambda request: self._compose(request.selection),
            ask.CheckSelection: self._check,
            ask.Reference: self._reference,
            ask.ReadFile: self._read_file,
            ask.Save: lambda request: save(self.composer, request.selection, request.target, request.dry_run),
            ask.Export: self._export,
            ask.StartRun: self._start,
            ask.StopRun: self._stop,
            ask.ListRuns: lambda request: self.watcher.states(),
            ask.WatchRun: self._watch,
            ask.UnwatchRun: self._unwatch,
            ask.RunOutput: lambda request: ask.Output(*self._run(request.run).output(request.limit)),
            ask.RunSelection: self._run_selection,
            ask.NameRun: self._name,
            ask.DeleteRun: self._delete,
            ask.ListExperiments: self._list_experiments,
        }

    def handle(self, request: ask.Request) -> object:
        """Answers a request.

        Raises:
            NicemlError: It cannot be done, and why.
        """
        answer = self._answers[type(request)]
        if isinstance(request, CONFIG_REQUESTS):
            with self._composing:
                return answer(request)
        return answer(request)

    def close(self) -> None:
        """Ends the watching; runs go on."""
        if self._watcher is not None:
            self._watcher.close()

    @property
    def project(self) -> Project:
        """The open project."""
        if self._project is None:
            raise ProjectError("no project is open; open a folder with configs first")
        return self._project

    @property
    def composer(self) -> Composer:
        """The composer of the open project."""
        if self._composer is None:
            raise ProjectError("no project is open; open a folder with configs first")
        return self._composer

    @property
    def watcher(self) -> Watcher:
        """The watcher of the open project."""
        if self._watcher is None:
            raise ProjectError("no project is open; open a folder with configs first")
        return self._watcher

    def _open(self, request: ask.OpenProject) -> Project:
        path = Path(request.path)
        project = open_project(path)
        os.environ.clear()
        os.environ.update(self._environment)
        load_env(Path(project.root))
        self.close()
        self._project = project
        self._composer = Composer(Setting(Path(project.root)))
        self._watcher = Watcher(Path(project.root), project.config_dirs, self._notify)
        return project

    def _scan(self, request: ask.Scan) -> ConfigTree:
        return open_project(Path(self.project.root)).tree

    def _compose(self, selection: Selection) -> object:
        return self.composer.compose(selection)

    def _check(self, request: ask.CheckSelection) -> tuple[Problem, ...]:
        # Loads the reader of Python sources, which the first composition need not wait for.
        from niceml_engine.config.checks import check

        return check(self.composer.compose(request.selection), Setting(Path(self.project.root)))

    def _reference(self, request: ask.Reference) -> ask.OpReference:
        from niceml_engine.jobs.declaration import JOBS, OPS

        return ask.OpReference(OPS, JOBS)

    def _read_file(self, request: ask.ReadFile) -> ask.FileText:
        path = Path(request.file)
        try:
            if path.stat().st_size > MAX_TEXT:
                raise ConfigError(f"larger than {MAX_TEXT >> 20} MB; open it in an editor", file=request.file)
            content = path.read_bytes()
            return ask.FileText(request.file, content.decode("utf-8-sig"), hashlib.sha256(content).hexdigest())
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", file=request.file) from error
        except UnicodeDecodeError as error:
            raise ConfigError("is not a text file", file=request.file) from error

    def _export(self, request: ask.Export) -> ask.Exported:
        exported = export(self.composer, request.selection, request.to, request.file)
        if request.file:
            try:
                Path(request.file).write_text(exported.text, encoding="utf-8")
            except OSError as error:
                raise ConfigError(f"cannot be written: {error.strerror}", file=request.file) from error
        return ask.Exported(exported.text, request.file, exported.digest)

    def _start(self, request: ask.StartRun) -> RunState:
        composed = self.composer.compose(request.selection)
        return self.watcher.look(enqueue(self.project.root, composed, request.settings))

    def _stop(self, request: ask.StopRun) -> ask.Nothing:
        self._run(request.run).ask_to_stop()
        return ask.Nothing()

    def _watch(self, request: ask.WatchRun) -> ask.Nothing:
        self.watcher.watch(self._run(request.run), request.after)
        return ask.Nothing()

    def _unwatch(self, request: ask.UnwatchRun) -> ask.Nothing:
        self.watcher.unwatch(request.run)
        return ask.Nothing()

    def _run_selection(self, request: ask.RunSelection) -> ask.PastSelection:
        spec = self._run(request.run).spec()
        return ask.PastSelection(spec.selection, spec.digest, spec.config)

    def _name(self, request: ask.NameRun) -> RunState:
        run = self._run(request.run)
        run.set_name(request.name)
        return self.watcher.look(run)

    def _delete(self, request: ask.DeleteRun) -> ask.Nothing:
        run = self._run(request.run)
        state = run.state()
        if state.status not in ENDED:
            raise RunError("it has not ended; stop it first")
        if request.experiment and state.experiment:
            from niceml_engine.runs.worker import experiment_location

            ExperimentFolder(experiment_location(run.spec().config, state.experiment)).delete()
        run.delete()
        self.watcher.forget(run.id)
        return ask.Nothing()

    def _list_experiments(self, request: ask.ListExperiments) -> tuple[Experiment, ...]:
        node: Any = None
        if request.selection is not None:
            with self._composing:
                config = self.composer.config(request.selection)
            found = OmegaConf.select(config, "globals.experiment_location")
            node = OmegaConf.to_container(found, resolve=True) if found is not None else None
        default = os.environ.get("EXPERIMENT_URI", "./experiment_outputs")
        return list_experiments(Location.of(node or default, self.project.root))

    def _run(self, run: str) -> RunFolder:
        folder = RunFolder(runs_folder(self.project.root) / run)
        if not folder.path.is_dir():
            raise RunError(f"there is no run {run} any more")
        return folder
