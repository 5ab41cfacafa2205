"""Where the experiment of a run lies."""

from __future__ import annotations

from typing import Any

from niceml_engine.store.location import Location


def experiment_location(config: str, uri: str) -> Location:
    """The location of the run's experiment, with the credentials that its config gives.

    Raises:
        ConfigError: They cannot be resolved.
    """
    from niceml_engine.config.composed.resolve import resolved_at
    from niceml_engine.jobs.composed import parse

    found = resolved_at(parse(config), "globals.experiment_location.credentials")
    options: dict[str, Any] = found if isinstance(found, dict) else {}
    return Location(uri, {key: value for key, value in options.items() if value is not None})
