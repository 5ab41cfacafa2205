"""Which colour each run of a project has, for ever: kept in the person's own folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import msgspec

from niceml_gui.state import alone, project_file, replace_file
from niceml_gui.workspaces.runs.charts.styles import hues

_decoder: msgspec.json.Decoder[dict[str, int]] = msgspec.json.Decoder(dict[str, int])


class Colors:
    """The places in `HUES` of the runs of a project.

    Args:
        key: The project's address' key; empty for one that is kept nowhere.
    """

    def __init__(self, key: str = "") -> None:
        self._key = key
        self._known = self._read()

    def of(self, runs: Iterable[str]) -> dict[str, int]:
        """Colours for runs; those that have none yet get one that none of the others has, and keep it."""
        wanted = dict.fromkeys(runs)
        if wanted.keys() <= self._known.keys():
            return {run: self._known[run] for run in wanted}
        found = hues(wanted, self._known)
        if self._key:
            with contextlib.suppress(OSError), alone("colors"):
                self._known = {**self._known, **self._read()}  # another window may have been first
                found = hues(found, self._known)
                replace_file(project_file("colors", self._key), msgspec.json.encode({**self._known, **found}))
        self._known |= found
        return found

    def _read(self) -> dict[str, int]:
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            return _decoder.decode(project_file("colors", self._key).read_bytes()) if self._key else {}
        return {}
