"""The project that is open in the service."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from niceml_engine.config.compose import Composer
from niceml_engine.errors import RunError
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.runs.index import RunIndex
from niceml_engine.service.watcher import Watcher
from niceml_engine.values import Project


@dataclass(frozen=True)
class Opened:
    """A project, and what serves it.

    Attributes:
        project: What the window was told of it.
        composer: Composes its jobs; used by one thread at a time, which holds `composing`.
        watcher: Looks after its files and runs.
        start: What was opened: its root, another folder in it, a config or a script.
        shell: The environment without the project's `.env`.
        index: What the configs of its runs hold.
    """

    project: Project
    composer: Composer
    watcher: Watcher
    start: Path
    shell: Mapping[str, str]
    index: RunIndex
    composing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def root(self) -> Path:
        """The project root."""
        return Path(self.project.root)

    def run(self, run: str) -> RunFolder:
        """The folder of a run.

        Raises:
            RunError: It is gone.
        """
        folder = RunFolder(runs_folder(self.root) / run)
        if not folder.path.is_dir():
            raise RunError(f"there is no run {run} any more")
        return folder
