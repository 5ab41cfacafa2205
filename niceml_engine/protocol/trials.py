"""Requests to try a config before a run of it, and news of what comes out."""

from __future__ import annotations

from typing import Any

from niceml_engine.events import Event
from niceml_engine.protocol.base import Asked, Nothing, Told
from niceml_engine.values import RunSettings, RunState, Selection, Trial


class StartTrial(Asked, frozen=True):
    """Tries a selection, or parts of it; `TrialRows` follow."""

    id: str  #: by which whoever asks knows it
    selection: Selection
    trial: Trial
    settings: RunSettings = RunSettings()


class StopTrial(Asked, frozen=True):
    """Ends a trial, whatever it does."""

    id: str


class TrialRows(Told, frozen=True):
    """What a trial has done since the last rows, and how it ended, once it has."""

    id: str
    events: tuple[Event, ...]
    ended: RunState | None = None


TrialRequest = StartTrial | StopTrial

TRIAL_RESULTS: dict[type, Any] = {StartTrial: Nothing, StopTrial: Nothing}
