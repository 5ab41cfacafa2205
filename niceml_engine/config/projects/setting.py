"""What decides, besides files and overrides, what a job composes to."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from msgspec import structs

from niceml_engine.errors import ProjectError
from niceml_engine.values import OPS_PATH, Option, Program

_VERSION = re.compile(r"1\.[123](\.\d+)?")


@dataclass(frozen=True)
class Setting:
    """What decides, besides files and overrides, what a job composes to.

    Attributes:
        root: The project root.
        python_path: Where packages that `pkg://` names lie, before the interpreter's own path.
        version_base: Hydra's `version_base`; `1.1` is what Hydra assumes of a program that names none.
        working_dir: What relative `file://` paths mean; the root if not given.
        config_dir: The primary source, in which a job is a name; the job file's own folder if not given.
        ops_path: Where the config of an op lies in a composed config.
        programs: What starts Hydra with a job of its own; such a job composes as its program does it. Its paths are
            relative to the root where they lie in it, so that they also fit a copy of the project.
        stores: Configs that exist only in Python.
    """

    root: Path
    python_path: tuple[Path, ...] = ()
    version_base: str | None = "1.1"
    working_dir: Path | None = None
    config_dir: Path | None = None
    ops_path: str = OPS_PATH
    programs: tuple[Program, ...] = ()
    stores: tuple[Option, ...] = ()

    def __post_init__(self) -> None:
        """Refuses what Hydra cannot be set to.

        Raises:
            ProjectError: `version_base` is none of Hydra's.
        """
        if self.version_base is not None:
            check_version(self.version_base)

    def of(self, job: str) -> Setting:
        """The setting of one job: that of its program, if it has one."""
        program = self.program(job)
        if program is None:
            return self
        folder = self.root / program.config_dir if program.config_dir else self.config_dir
        return replace(self, version_base=program.version_base, config_dir=self.config_dir or folder)

    def program(self, job: str) -> Program | None:
        """The program that starts Hydra with a job."""
        return next((program for program in self.programs if self.root / program.job == Path(job)), None)

    def with_version(self, version_base: str | None) -> Setting:
        """The same under another of Hydra's versions, whatever programs say."""
        programs = tuple(structs.replace(program, version_base=version_base) for program in self.programs)
        return replace(self, version_base=version_base, programs=programs)

    def primary(self, job: str) -> tuple[str | None, str]:
        """The folder that is Hydra's primary source for a job, `None` for none, and the job's name in it."""
        if job.endswith(".py"):
            program = self.program(job)
            if program is None:
                return None, ""
            return (str(self.root / program.config_dir) if program.config_dir else None), program.config_name
        path, base = Path(job), self.of(job).config_dir
        main = base if base is not None and path.is_relative_to(base) else path.parent
        name = str(path.relative_to(main))
        return str(main), name.removesuffix(".yml") if name.endswith(".yml") else name.removesuffix(".yaml")


def check_version(text: str) -> None:
    """Makes sure that a text is one of Hydra's versions.

    Raises:
        ProjectError: It is none.
    """
    if not _VERSION.fullmatch(text):
        raise ProjectError(f"there is no version_base `{text}`; Hydra has 1.1, 1.2 and 1.3")
