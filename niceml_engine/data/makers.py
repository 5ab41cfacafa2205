"""Which job of a project makes the data that lie in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from niceml_engine.store.location import Location

_JOB = "job_data_generation"


def maker_of(uri: str) -> str:
    """The job that writes samples into a folder, by its path in the project of the working directory.

    Args:
        uri: The folder, as `Location.uri` has it.

    Returns:
        Empty where no job does, or that cannot be found out.
    """
    return next((job for job, folder in _folders() if folder == uri), "")


def _folders() -> Iterator[tuple[str, str]]:
    """Each job that makes data, and each folder that its ops write to."""
    from omegaconf import OmegaConf

    from niceml_engine.config.compose import Composer
    from niceml_engine.config.composed.resolvers import register
    from niceml_engine.config.projects.project import project_of, read_layout
    from niceml_engine.jobs.composed import op_config
    from niceml_engine.jobs.declaration import job
    from niceml_engine.values import Selection

    with suppress(Exception):  # somebody is told already what is wrong, and needs no second error
        register()
        root = Path.cwd()
        layout = read_layout(root)
        composer = Composer(layout.setting)
        for one in project_of(layout).tree.jobs:
            if one.dagster_job != _JOB:
                continue
            with suppress(Exception):
                config = composer.config(Selection(job=one.file))
                for op in reversed(job(_JOB).ops):
                    own: Any = op_config(config, op, layout.setting.ops_path)
                    location: Any = OmegaConf.to_container(own.location, resolve=True)
                    yield str(Path(one.file).relative_to(root)), (Location.of(location) / own.target).uri
